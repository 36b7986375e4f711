"""What is generated is what its sources say: one of the checks."""

from __future__ import annotations

import sys

from local import generate

if __name__ == "__main__":
    sys.exit(generate.main(["--check"]))
