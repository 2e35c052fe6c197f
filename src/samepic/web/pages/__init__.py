"""A person's own pages."""

from __future__ import annotations

from samepic.web.access import Door
from samepic.web.pages import choices, faces, gallery, home, live, photo, tiles, travels

DOORS: tuple[Door, ...] = (
    *home.DOORS,
    *live.DOORS,
    *faces.DOORS,
    *tiles.DOORS,
    *gallery.DOORS,
    *photo.DOORS,
    *travels.DOORS,
    *choices.DOORS,
)
