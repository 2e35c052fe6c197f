"""The settings of a SharePoint system."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import NonNegativeInt, field_validator, model_validator

from samepic.connectors.microsoft import MicrosoftOptions, checked_address

_CLOUD = ".sharepoint.com"


class SharePointOptions(MicrosoftOptions):
    """Profile pictures in SharePoint Online."""

    site: str
    """The tenant's main site, such as https://contoso.sharepoint.com."""

    my_site: str = ""
    """The My Site host; derived from a `site` in sharepoint.com, required elsewhere."""

    admin_site: str = ""
    """The admin site; derived like `my_site`."""

    start: str = "https://m365.cloud.microsoft"
    """The page a person is sent to first, to sign in."""

    exchange_sync_state: Literal["leave", "0", "1"] = "leave"
    """After a write: `leave` the profile's SPS-PictureExchangeSyncState, or set it to `0` (SharePoint fetches no more
    from Exchange) or `1` (it does)."""

    profiles_in_five_minutes: NonNegativeInt = 0
    """How many profiles may be read or written in five minutes. 0: as many as Microsoft publishes for a tenant of this
    size, from 3,000 for up to 1,000 licences to 15,000."""

    interval_hours: NonNegativeInt = 24
    """How often SharePoint fetches one person's picture at most."""

    @field_validator("site", "start")
    @classmethod
    def _pages(cls, address: str) -> str:
        return checked_address(address)

    @model_validator(mode="before")
    @classmethod
    def _derived(cls, values: object) -> object:
        if not isinstance(values, Mapping):
            return values
        found = dict(values)
        for name, suffix in (("my_site", "-my"), ("admin_site", "-admin")):
            found[name] = checked_address(found.get(name) or _sibling(str(found.get("site", "")), suffix, name))
        return found

    @model_validator(mode="after")
    def _certified(self) -> Self:
        if self.certificate is None:
            raise ValueError("SharePoint takes no client secret from an application: set `certificate`.")
        return self


def _sibling(site: str, suffix: str, name: str) -> str:
    host = urlsplit(site).hostname or ""
    if not host.endswith(_CLOUD):
        raise ValueError(f"Set `{name}`: it cannot be derived from a site outside sharepoint.com.")
    return f"https://{host.removesuffix(_CLOUD)}{suffix}{_CLOUD}"
