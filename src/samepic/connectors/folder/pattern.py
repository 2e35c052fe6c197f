"""How files are named, and whom a name means: `{first}_{last}` is `mail:ada.lovelace@contoso.example`. Pure.

Names are compared folded: upper and lower case, and the two ways in which systems write an accent, make no difference.
Nothing is guessed: a name that can be read in two ways is nobody's.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from samepic.model import KEY_STRENGTH, key

_FIELD = re.compile(r"\{(\w+)\}")


def folded(name: str) -> str:
    """A file's name as it is compared."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


class Pattern:
    """`template` is a path without its extension, `means` makes keys of its parts. Raises ValueError."""

    def __init__(self, template: str, means: Mapping[str, str]) -> None:
        fields = _FIELD.findall(template)
        self.depth = template.count("/")
        self._kinds = [one for one in fields if one in KEY_STRENGTH]
        self._means = means
        self._lazy, self._greedy = _shape(template, "+?"), _shape(template, "+")
        _require(fields, self._kinds, means)

    def keys(self, stem: str) -> frozenset[str]:
        """The keys in a name; none where it does not fit, or fits in more than one way."""
        name = unicodedata.normalize("NFC", stem)
        one, other = self._lazy.fullmatch(name), self._greedy.fullmatch(name)
        if one is None or other is None or one.groups() != other.groups():
            return frozenset()
        parts = one.groupdict()
        found = [key(kind, parts[kind]) for kind in self._kinds]
        return frozenset([*found, *(key(kind, made.format(**parts)) for kind, made in self._means.items())])


def _shape(template: str, repeated: str) -> re.Pattern[str]:
    texts = _FIELD.split(unicodedata.normalize("NFC", template))
    parts = [f"(?P<{one}>[^/]{repeated})" if place % 2 else re.escape(one) for place, one in enumerate(texts)]
    try:
        return re.compile("".join(parts), re.IGNORECASE)
    except re.error:
        raise ValueError("Each field of a name has to be another one, and begin with a letter.") from None


def _require(fields: list[str], kinds: list[str], means: Mapping[str, str]) -> None:
    known = ", ".join(f"{{{kind}}}" for kind in KEY_STRENGTH)
    if not kinds and not means:
        raise ValueError(f"A file's name has to hold one of {known}, such as {{mail}}, or `means` has to say whom.")
    for kind, made in means.items():
        used = _FIELD.findall(made)
        if (
            kind not in KEY_STRENGTH
            or not used
            or not set(used) <= set(fields)
            or re.search(r"[{}]", _FIELD.sub("", made))
        ):
            raise ValueError(f"means.{kind} has to make one of {known} of fields that stand in the name.")
