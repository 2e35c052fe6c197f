"""The lasting ids of Active Directory in one spelling, wherever they are found. Pure.

Entra Connect marks a cloud account with its source anchor: mS-DS-ConsistencyGuid where the account has one, else
objectGUID, in base64 (learn.microsoft.com/entra/identity/hybrid/connect/plan-connect-design-concepts).
"""

from __future__ import annotations

import base64
import binascii
import struct
from uuid import UUID

_GUID_BYTES = 16
_SID_HEAD = 8
_AUTHORITY_BYTES = 4


def guid(value: bytes) -> str:
    """A GUID as Active Directory stores it, the first three fields with the low byte first; empty for anything else."""
    return str(UUID(bytes_le=value)) if len(value) == _GUID_BYTES else ""


def guid_in_base64(text: str) -> str:
    """Graph's `onPremisesImmutableId` as a GUID; empty where an organisation anchors by something else."""
    try:
        return guid(base64.b64decode(text.strip(), validate=True))
    except (binascii.Error, ValueError):
        return ""


def sid(value: bytes) -> str:
    """A security identifier as `S-1-5-21-...` (MS-DTYP, 2.4.2.2); empty for what is none."""
    if len(value) < _SID_HEAD or len(value) != _SID_HEAD + _AUTHORITY_BYTES * value[1]:
        return ""
    parts = struct.unpack(f"<{value[1]}I", value[_SID_HEAD:])
    return "-".join(map(str, ("S", value[0], int.from_bytes(value[2:_SID_HEAD]), *parts)))
