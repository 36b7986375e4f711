"""``python -m local.source_audit``: prints what the rules find; exit status 1 when they find anything."""

from __future__ import annotations

import sys

from local.source_audit.audit import audit
from local.source_audit.tree import ROOT, source_files

if __name__ == "__main__":
    files = source_files(ROOT)
    found = sorted(audit(ROOT, files))
    for finding in found:
        print(finding)
    print(f"{len(files)} files, {len(found)} findings")
    sys.exit(1 if found else 0)
