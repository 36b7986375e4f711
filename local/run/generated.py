"""What is generated is what its sources say: one of the checks."""

from __future__ import annotations

import sys

from local import generate, settings_example

if __name__ == "__main__":
    sys.exit(generate.main(["--check"]) | settings_example.main(["--check"]))
