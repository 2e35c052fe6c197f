"""`/_layouts/15/userphoto.aspx`: the picture SharePoint shows for a person, and the one place where a pull begins.

Asking for one's *own* picture in size L is the documented action that makes SharePoint fetch from the mailbox; asking
for another person's, for another size, or as an application on its own only shows what is there.
"""

from __future__ import annotations

import io
from functools import lru_cache

from PIL import Image, ImageDraw

from samepic.practice import profiles, sources
from samepic.practice.people import Person
from samepic.practice.pictures import THUMBNAILS
from samepic.practice.userphotos import File
from samepic.practice.wire import Answer
from samepic.practice.world import World


def user_photo(world: World, asking: Person | None, account: str, size: str) -> Answer:
    """`asking` is the person whose session this is. Whoever is unknown or has none gets the placeholder."""
    letter = size.upper() if size.upper() in THUMBNAILS else "S"
    person = world.people.find(profiles.upn_of(account)) if account else asking
    if person and letter == "L" and asking and asking.id == person.id:
        world.pull(person)
    source = shown(world, person, letter) if person else None
    headers = {"Content-Type": "image/jpeg", "Cache-Control": "private, no-cache"}
    return Answer(content=world.read(source) if source else _silhouette(THUMBNAILS[letter]), headers=headers)


def shown(world: World, person: Person, letter: str) -> str | None:
    """The source of what SharePoint shows of the person in that size.

    Since 2024 people without a mailbox are shown the shared picture, whatever lies in the library (MC653734).
    """
    if world.shared_display and not person.mailbox:
        shared = world.visible(person)
        return sources.width(THUMBNAILS[letter], list(shared.renditions().values())[-1]) if shared else None
    file = thumbnail(world, person, letter)
    return file.source if file else None


def thumbnail(world: World, person: Person, letter: str) -> File | None:
    """The file the profile shows; none while it shows the placeholder."""
    properties = world.profile(person)
    if properties is None or properties[profiles.PLACEHOLDER] == "1":
        return None
    return world.thumbnail(person, letter)


@lru_cache
def _silhouette(side: int) -> bytes:
    """A head and shoulders in grey."""
    image = Image.new("RGB", (side, side), "#c8c6c4")
    pencil = ImageDraw.Draw(image)
    pencil.ellipse((side * 0.32, side * 0.18, side * 0.68, side * 0.54), fill="#f3f2f1")
    pencil.ellipse((side * 0.16, side * 0.6, side * 0.84, side * 1.4), fill="#f3f2f1")
    written = io.BytesIO()
    image.save(written, "JPEG", quality=90)
    return written.getvalue()
