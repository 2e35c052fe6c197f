"""The faces of the practice tenant, the address of each, and the names the cloud knows them by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

TENANT_NAME = "contoso"
DOMAIN = "contoso.example"


@dataclass(frozen=True, slots=True)
class Origins:
    """The address of each face, without a trailing slash. The order of the fields is the order of the ports."""

    authority: str
    graph: str
    sharepoint: str
    sharepoint_my: str
    sharepoint_admin: str
    start: str
    control: str

    @classmethod
    def on(cls, ports: Sequence[int], host: str = "127.0.0.1") -> Origins:
        return cls(*(f"http://{host}:{port}" for port in ports))

    def faces(self) -> dict[str, str]:
        return asdict(self)


FACES = tuple(Origins.__dataclass_fields__)
SITES = ("sharepoint", "sharepoint_my", "sharepoint_admin")

_CLOUD_NAMES = {
    "graph": ("https://graph.microsoft.com", "00000003-0000-0000-c000-000000000000"),
    "sharepoint": (f"https://{TENANT_NAME}.sharepoint.com", "00000003-0000-0ff1-ce00-000000000000"),
    "sharepoint_my": (f"https://{TENANT_NAME}-my.sharepoint.com",),
    "sharepoint_admin": (f"https://{TENANT_NAME}-admin.sharepoint.com",),
}


def api_of(face: str) -> str:
    """What permissions belong to: the three SharePoint hosts are one API."""
    return "sharepoint" if face in SITES else face


def audiences(origins: Origins, face: str) -> frozenset[str]:
    """What a token's `aud` may say to be good at this face: its own address, or the cloud's name for it."""
    return frozenset({origins.faces()[face], *_CLOUD_NAMES[face]})


def resource_of(origins: Origins, name: str) -> str | None:
    """The face that goes by this name, or None."""
    wanted = name.rstrip("/").casefold()
    return next((face for face in _CLOUD_NAMES if wanted in audiences(origins, face)), None)
