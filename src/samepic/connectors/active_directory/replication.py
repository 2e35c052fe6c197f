"""When each attribute of an object was changed last, as domain controllers tell each other. Pure.

`uSNChanged` and `whenChanged` change with anything, and each controller counts by itself. `replPropertyMetaData` has
for each attribute how often, when and where it was changed, which is the same on every controller (layout as in Samba's
drsblobs.idl: a header of 16 bytes, then 48 bytes for each attribute).
"""

from __future__ import annotations

import struct
from uuid import UUID

METADATA = "replPropertyMetaData"

ATTRIBUTE_IDS = {"thumbnailPhoto": 0x160023, "jpegPhoto": 0x15003C}
"""OIDs 2.16.840.1.113730.3.1.35 and 0.9.2342.19200300.100.1.60 by the table of prefixes that every domain begins with
(MS-DRSR, 5.16.4)."""

_HEADER = struct.Struct("<IIII")
_ATTRIBUTE = struct.Struct("<IIQ16sQQ")


def stamp(metadata: bytes, attribute: str) -> str:
    """Which change of the attribute was the last: its number, its time and where it was made. Empty where unknown."""
    wanted = ATTRIBUTE_IDS[attribute]
    try:
        version, _, count, _ = _HEADER.unpack_from(metadata)
        if version != 1:
            return ""
        for number in range(count):
            found, change, at, where, _, _ = _ATTRIBUTE.unpack_from(metadata, _HEADER.size + number * _ATTRIBUTE.size)
            if found == wanted:
                return f"{change}.{at}.{UUID(bytes_le=where)}"
    except struct.error:
        pass
    return ""
