"""The settings of an Active Directory domain."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from samepic.connectors.folder.options import SettingsPath
from samepic.connectors.ldap.options import LdapOptions, OneOrMore

LIMIT = 102_400
"""`rangeUpper` of thumbnailPhoto, in bytes (MS-ADA3, 2.334)."""

SMALL_SIDE, SMALL_BYTES = 128, 10_000
"""What Exchange takes from thumbnailPhoto: up to 10 KB. A JPEG of 128 pixels fits without visible loss, and programs
show this picture at 96 pixels or less, or at 64 on a screen with two pixels for one."""

KEYS: dict[str, tuple[str, ...]] = {
    "anchor": ("mS-DS-ConsistencyGuid", "objectGUID", "objectSid"),
    "employee": ("employeeID", "employeeNumber"),
    "upn": ("userPrincipalName",),
    "mail": ("mail",),
    "alias": ("proxyAddresses",),
}

_BY_KERBEROS = (
    'With `sign_in = "kerberos"` give `user` as name@domain with either `password` or `keytab`,'
    " or leave out all three: then the ticket says who signs in."
)


class ActiveDirectoryOptions(LdapOptions):
    """Pictures in one domain of an Active Directory: `thumbnailPhoto`, or `jpegPhoto`.

    Another domain is another system: each has its own controllers and its own feed of changes.
    """

    server: OneOrMore
    """The domain's controllers as ldaps://name, or ldap://name with StartTLS; several are tried in this order."""

    sign_in: Literal["password", "kerberos"] = "password"
    """`kerberos` needs the extra `samepic[kerberos]`, and `server` as the controller's full name in the domain."""

    user: str = ""
    """Whom to sign in as: samepic@corp.example.com, CORP\\samepic, or a DN. By Kerberos the first of these, or nobody:
    then the ticket is the one there is."""

    keytab: SettingsPath | None = None
    """By Kerberos: a file with the account's keys, instead of `password`."""

    filter: str = "(&(objectCategory=person)(objectClass=user))"
    """Whom to look at. Whoever does not fit has no account here."""

    group: str = ""
    """The DN of a group: only its members, groups in it included. Nobody is found by their primary group."""

    inactive: str = "(userAccountControl:1.2.840.113556.1.4.803:=2)"
    """A filter for accounts that may not sign in: those that are disabled."""

    ref: Literal["objectGUID"] = "objectGUID"
    """What never changes for an account."""

    keys: dict[str, OneOrMore] = Field(default=KEYS)
    """What people are matched by: for each of id, anchor, employee, upn, mail and alias the attributes to read. An
    `anchor` is what Entra Connect marks cloud accounts with; `id` is Entra's own id, which the domain does not know."""

    attribute: Literal["thumbnailPhoto", "jpegPhoto"] = "thumbnailPhoto"
    """The attribute that holds the picture. Outlook, Exchange and Entra Connect read `thumbnailPhoto`."""

    max_bytes: int = Field(default=50_000, ge=2_000, le=LIMIT)
    """The largest picture that is written. Controllers copy it to each other, and take 102,400 bytes at most."""

    exchange_limit: bool = False
    """Write the best-looking picture below 10 KB, for an Exchange that reads `thumbnailPhoto`."""

    @model_validator(mode="after")
    def _can_sign_in(self) -> Self:
        self.servers()
        secrets = [one for one in (self.password, self.keytab) if one is not None]
        if self.sign_in == "kerberos":
            if len(secrets) != bool(self.user) or "@" not in (self.user or "@"):
                raise ValueError(_BY_KERBEROS)
        elif self.keytab is not None:
            raise ValueError('A keytab is for `sign_in = "kerberos"`.')
        elif not self.user or self.password is None:
            raise ValueError("A domain controller shows nothing to nobody: give `user` and `password`.")
        return self
