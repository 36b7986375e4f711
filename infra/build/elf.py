"""Shared libraries without what only debuggers and linkers read."""

from __future__ import annotations

import struct

_MAGIC, _CLASS_64, _LITTLE = b"\x7fELF", 2, 1
_SECTIONS = (("<Q", 0x28), ("<H", 0x3C), ("<H", 0x3E))
"""Offset, number and names of the section headers ("ELF-64 Object File Format"): the loader reads none of them."""


def stripped(library: bytes) -> bytes:
    """Everything up to the end of the last loaded segment; sections behind it (symbols, debugging) are gone.

    What is no 64-bit little-endian ELF file comes back as it is.
    """
    if library[:4] != _MAGIC or (library[4], library[5]) != (_CLASS_64, _LITTLE):
        return library
    (headers,) = struct.unpack_from("<Q", library, 0x20)
    size, count = struct.unpack_from("<HH", library, 0x36)
    end = headers + size * count
    for at in range(headers, end, size):
        offset, in_file = struct.unpack_from("<Q", library, at + 8)[0], struct.unpack_from("<Q", library, at + 32)[0]
        end = max(end, offset + in_file)
    kept = bytearray(library[:end])
    for form, at in _SECTIONS:
        struct.pack_into(form, kept, at, 0)
    return bytes(kept)
