"""The limits Microsoft publishes, as numbers: learn.microsoft.com/graph/throttling-limits, and
learn.microsoft.com/sharepoint/dev/general-development/how-to-avoid-getting-throttled-or-blocked-in-sharepoint-online.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_left
from dataclasses import dataclass

_TENANT_SIZES = (1_000, 5_000, 15_000, 50_000)
"""SharePoint's limits rise beyond so many licences."""


@dataclass(frozen=True, slots=True)
class Limit:
    """So many units in so many seconds, by how many people there are: `amounts[n]` up to `steps[n]` people."""

    name: str
    seconds: int
    amounts: tuple[int, ...]
    steps: tuple[int, ...] = ()

    def amount(self, people: int) -> int:
        return self.amounts[bisect_left(self.steps, people)]


GRAPH = Limit("graph", 10, (130_000,))
"""Everything, per application."""
IDENTITY = Limit("identity", 10, (3_500, 5_000, 8_000), (49, 500))
"""Resource units of the directory, per application and tenant."""
OUTLOOK = Limit("outlook", 600, (10_000,))
"""Pictures, per application and mailbox."""
PEOPLE_MANAGER = Limit("people manager", 300, (3_000, 6_000, 9_000, 12_000, 15_000), _TENANT_SIZES)
"""Profiles, per tenant."""
SHAREPOINT = Limit("sharepoint", 60, (1_250, 2_500, 3_750, 5_000, 6_250), _TENANT_SIZES)
"""Resource units of everything under `/_api`, per application and tenant."""
_DAILY = (1_200_000, 2_400_000, 3_600_000, 4_800_000, 6_000_000)
SHAREPOINT_DAY = Limit("sharepoint day", 86_400, _DAILY, _TENANT_SIZES)
"""As above."""
UPLOADS = Limit("uploads", 300, (150_000_000,))
"""Bytes of pictures, per application and mailbox."""
WRITES = Limit("writes", 150, (3_000,))
"""Writes to the directory, per application and tenant."""
APPLICATION_WRITES = Limit("application writes", 300, (35_000,))
TENANT_WRITES = Limit("tenant writes", 300, (18_000,))

LIMITS = (
    *(GRAPH, IDENTITY, OUTLOOK, UPLOADS, WRITES, APPLICATION_WRITES, TENANT_WRITES),
    *(PEOPLE_MANAGER, SHAREPOINT, SHAREPOINT_DAY),
)


_COSTS = {"/users": 2, "/groups/[^/]+/members": 3, "/groups/[^/]+/transitiveMembers": 5}
COSTS = tuple((re.compile(f"{path}$", re.IGNORECASE), cost) for path, cost in _COSTS.items())
"""What a request to the directory costs by the end of its path, in resource units; anything else one."""


@dataclass(frozen=True, slots=True)
class Spent:
    """One window after a request was charged to it."""

    limit: Limit
    used: int
    amount: int
    reset: int

    @property
    def share(self) -> float:
        return self.used / self.amount if self.amount else math.inf

    @property
    def over(self) -> bool:
        return self.used > self.amount
