"""Do these renditions answer these demands? Asked before anything is sent."""

from __future__ import annotations

from collections.abc import Mapping

from samepic.errors import Refused
from samepic.model import Demand, Photo


def require(photos: Mapping[str, Photo], demands: Mapping[str, Demand]) -> None:
    """Raises Refused unless there is exactly one photo for each demand and none is too large.

    Sides and media types are left to the system: what it once held may be put back although we would not render it so.
    """
    if photos.keys() != demands.keys():
        wanted, given = (", ".join(sorted(names)) or "none" for names in (demands, photos))
        raise Refused(f"Renditions {wanted} are needed, {given} were given.")
    for name, photo in photos.items():
        limit = demands[name].max_bytes
        if not photo.data:
            raise Refused(f"The rendition {name} is empty.")
        if len(photo.data) > limit:
            raise Refused(f"The rendition {name} has {len(photo.data):,} bytes; at most {limit:,} are taken.")
