"""What a look at everybody costs in Microsoft 365, and whether the tenant's published limits allow it.

Limits: learn.microsoft.com, "Microsoft Graph throttling limits" and "Avoid getting throttled or blocked in SharePoint
Online". None was measured on a live tenant.
"""

from __future__ import annotations

from math import ceil

from samepic.model import Finding, Level

USERS_IN_A_PAGE, PHOTOS_IN_A_BATCH, FILES_IN_A_PAGE = 999, 20, 5_000
MAILBOX_LIMIT = "10,000 requests in 10 minutes for each mailbox"

GRAPH_WRITE, SHAREPOINT_WRITE = 4, 6
"""Requests for one picture written, with the look at what is there, the originals kept and the look after."""

PROFILES_OF_A_WRITE = 5
"""Of these, how many profiles are read or written: two looks, and three properties in one request."""

PROFILES_IN_FIVE_MINUTES = ((1_000, 3_000), (5_000, 6_000), (15_000, 9_000), (50_000, 12_000))
"""(licences up to, requests that PeopleManager answers in five minutes); above the last, 15,000."""

_MOST_PROFILES = 15_000


def graph_forecast(people: int) -> Finding:
    requests = ceil(people / USERS_IN_A_PAGE) + ceil(people / PHOTOS_IN_A_BATCH)
    return Finding(
        Level.GOOD,
        "requests",
        f"A look at all {people} accounts takes {requests} requests, a picture written {GRAPH_WRITE};"
        f" Graph allows {MAILBOX_LIMIT}.",
    )


def profiles_in_five_minutes(licences: int) -> int:
    """What PeopleManager answers a tenant of this size."""
    return next((quota for most, quota in PROFILES_IN_FIVE_MINUTES if licences <= most), _MOST_PROFILES)


def sharepoint_forecast(people: int) -> Finding:
    allowed = profiles_in_five_minutes(people)
    pages = ceil(max(people, 1) * 3 / FILES_IN_A_PAGE)
    looking, writing = (ceil(people * profiles / allowed * 5) for profiles in (1, PROFILES_OF_A_WRITE))
    return Finding(
        Level.GOOD,
        "requests",
        f"The first look at all {people} accounts asks for {people} profiles: {looking} min at the"
        f" {allowed:,} in 5 minutes that a tenant of this size gets; every later look takes {pages} or a few more."
        f" A picture written takes {SHAREPOINT_WRITE} requests and {PROFILES_OF_A_WRITE} profiles:"
        f" {writing} min for all of them.",
    )
