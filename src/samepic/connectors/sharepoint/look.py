"""A look at one person: their profile, and the thumbnails it names, in one request where SharePoint takes batches.

The My Site host is asked for both, since the files are there; where it does not answer for profiles, the main site is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from samepic.connectors.answers import Answer
from samepic.connectors.sharepoint.batch import Question, ask_all
from samepic.connectors.sharepoint.library import (
    File,
    Item,
    Library,
    content_question,
    file_from,
    file_question,
    item_from,
    item_question,
)
from samepic.connectors.sharepoint.profile import Profile, Profiles, Thumbnails, profile_from, profile_question
from samepic.connectors.sharepoint.site import Site
from samepic.errors import ConnectorError


@dataclass(frozen=True, slots=True)
class Look:
    """What SharePoint shows of a person at one moment.

    item      the large file as the library lists it; None where the profile names none, or one that is not there.
    files     those that are there, of the sizes that were asked for and under the name that the profile gives, or that
              was guessed where it gives none; contents: their bytes, where those were asked for too.
    """

    profile: Profile
    thumbnails: Thumbnails | None = None
    item: Item | None = None
    files: Mapping[str, File] = field(default_factory=dict)
    contents: Mapping[str, bytes] = field(default_factory=dict, repr=False)

    @property
    def version(self) -> str | None:
        return self.item.etag if self.item else None


class Looking:
    def __init__(self, my_site: Site, library: Library, profiles: Profiles) -> None:
        self._site = my_site
        self._library = library
        self._profiles = profiles

    async def at(
        self, upn: str, guess: Thumbnails | None, sizes: Sequence[str] = (), *, contents: bool = False
    ) -> Look:
        """Looks at the files of these sizes too. A `guess` at what the profile names saves a request if it is right.

        Raises as `Connector.peek` does; Hidden where the profile names a picture outside the library.
        """
        profile, answers = await self._asked(upn, guess, sizes, contents=contents)
        named = profile.thumbnails(self._site.address)
        if named is not None and named != guess:
            questions = _questions(named, sizes, contents=contents)
            answers = dict(zip(questions, await ask_all(self._site, list(questions.values())), strict=True))
        thumbnails = named or guess
        if thumbnails is None:
            return Look(profile)
        said = {what: _sound(answer) for what, answer in answers.items()}
        files = {size: file for size in sizes if (file := file_from(said["file", size])) is not None}
        read = {size: await self._whole(thumbnails, size, files[size], said) for size in files if contents}
        held = {size: data for size, data in read.items() if data is not None}
        return Look(profile, named, item_from(said["item", "L"], named) if named else None, files, held)

    async def _asked(
        self, upn: str, guess: Thumbnails | None, sizes: Sequence[str], *, contents: bool
    ) -> tuple[Profile, dict[_What, Answer | ConnectorError]]:
        if guess is None:
            return await self._profiles.read(upn), {}
        questions = _questions(guess, sizes, contents=contents)
        await self._profiles.turn()
        about, *answers = await ask_all(self._site, [profile_question(upn), *questions.values()])
        if isinstance(about, ConnectorError):
            profile = await self._profiles.read(upn)
        else:
            profile = profile_from(about.json())
        return profile, dict(zip(questions, answers, strict=True))

    async def _whole(self, thumbnails: Thumbnails, size: str, file: File, said: Mapping[_What, Answer]) -> bytes | None:
        """The bytes as they are. Nothing documents that a batch leaves bytes alone: their number tells."""
        answer = said["content", size]
        if answer.ok and len(answer.body) == file.length:
            return answer.body
        alone = await self._library.read(thumbnails.path(size))
        return None if alone is None else alone.body


_What = tuple[str, str]


def _questions(thumbnails: Thumbnails, sizes: Sequence[str], *, contents: bool) -> dict[_What, Question]:
    found = {("item", "L"): item_question(thumbnails)}
    found |= {("file", size): file_question(thumbnails.path(size)) for size in sizes}
    if contents:
        found |= {("content", size): content_question(thumbnails.path(size)) for size in sizes}
    return found


def _sound(answer: Answer | ConnectorError) -> Answer:
    if isinstance(answer, ConnectorError):
        raise answer
    return answer
