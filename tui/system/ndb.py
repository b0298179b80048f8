"""Reading the packages of rpm's own kind of database, ``Packages.db``, by rpm 4.18's ``rpmpkg.c``."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO

from tui.system.pages import BLOB_LIMIT, Malformed, Pages

MAGIC = b"RpmP"
_SLOT, _BLOB = b"Slot", b"BlbS"
_PAGE, _BLOCK, _SLOT_SIZE, _HEAD = 4096, 16, 16, 32
MAX_SLOT_PAGES = 4096


def read_blobs(stream: BinaryIO, length: int) -> Iterator[bytes]:
    """The header of each package. Raises Malformed, OSError."""
    pages = Pages(stream, _PAGE, length)
    head = pages.bytes(0, _HEAD)
    magic, version, _, slot_pages = struct.unpack_from("<4sIII", head)
    if magic != MAGIC:
        raise Malformed("it is not an rpm database")
    if version != 0 or not 0 < slot_pages <= MAX_SLOT_PAGES:
        raise Malformed(f"its version is {version}, with {slot_pages} pages of slots")
    slots = pages.bytes(_HEAD, slot_pages * _PAGE - _HEAD)
    for at in range(0, len(slots), _SLOT_SIZE):
        slot, number, block, blocks = struct.unpack_from("<4sIII", slots, at)
        if slot != _SLOT:
            raise Malformed("one of its slots is none")
        if not block:  # free
            continue
        blob, owner, _, size = struct.unpack("<4sIII", pages.bytes(block * _BLOCK, _BLOCK))
        if blob != _BLOB or owner != number or size > min(BLOB_LIMIT, blocks * _BLOCK):
            raise Malformed(f"its package {number} is not where it should be")
        yield pages.bytes(block * _BLOCK + _BLOCK, size)
