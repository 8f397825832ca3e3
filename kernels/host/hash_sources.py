"""Print the SHA-256 of the kernel sources; the rule is that of ctc/backends/source.py."""

import hashlib
import sys
from pathlib import Path

root = Path(sys.argv[1])
digest = hashlib.sha256()
found = [p for p in root.rglob("*") if p.suffix in {".h", ".cpp", ".toml"}]
for path in sorted(found, key=lambda p: str(p.relative_to(root))):
    digest.update(str(path.relative_to(root)).encode() + b"\0")
    digest.update(path.read_bytes() + b"\1")
print(digest.hexdigest())  # noqa: T201 - read by CMake
