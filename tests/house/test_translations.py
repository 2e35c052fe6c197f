"""Every text of the portal is said in every language, with the same facts in it, and nothing is left over."""

from __future__ import annotations

import re

import pytest

from samepic.model import Language
from tests.house import translations

PLACEHOLDER = re.compile(r"%\((\w+)\)s")
TAG = re.compile(r"</?\w+[^>]*>")
OTHERS = [language for language in Language if language is not Language.EN]


@pytest.mark.parametrize("language", OTHERS)
def test_nothing_is_left_untranslated(language: Language) -> None:
    known = translations.said_in(language)
    missing = {key: sorted(files) for key, files in translations.texts().items() if key not in known}
    empty = [key for key, found in known.items() for _, one in found if not all(translations.translated(one))]
    assert not missing
    assert not empty


@pytest.mark.parametrize("language", OTHERS)
def test_nothing_is_fuzzy_left_over_or_said_twice(language: Language) -> None:
    said = translations.texts()
    known = translations.said_in(language)
    assert not [one.id for found in known.values() for _, one in found if one.fuzzy]
    assert not [key for key in known if key not in said]
    assert not [(key, [name for name, _ in found]) for key, found in known.items() if len(found) > 1]


@pytest.mark.parametrize("language", OTHERS)
def test_facts_and_markup_are_the_same(language: Language) -> None:
    wrong = []
    for (_, several), found in translations.said_in(language).items():
        for _, message in found:
            for form in translations.translated(message):
                wanted, given = ({*PLACEHOLDER.findall(one)} for one in (several[-1], form))
                if wanted - {"num"} != given - {"num"} or sorted(TAG.findall(several[-1])) != sorted(TAG.findall(form)):
                    wrong.append((several[-1], form))
    assert not wrong


@pytest.mark.parametrize("language", OTHERS)
def test_numbers_have_as_many_forms_as_the_language(language: Language) -> None:
    for name, catalogue in translations.catalogues(language).items():
        for message in catalogue:
            if len(translations.key_of(message)[1]) > 1:
                assert len(translations.translated(message)) == catalogue.num_plurals, (name, message.id)


def test_facts_are_written_by_name() -> None:
    loose = re.compile(r"%(?!\(\w+\)s|%)")
    assert not [key for key in translations.texts() if any(loose.search(one) for one in key[1])]
