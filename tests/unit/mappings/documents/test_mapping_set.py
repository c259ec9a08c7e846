"""The mapping set as a document: what it accepts, how it complains, and its version."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from importlib import resources

import pytest

from mappings.documents.mapping_set import parse_mapping_set, render_mapping_set, shipped_mapping_set
from mappings.documents.toml import DocumentError
from mappings.reading.lexicon import compile_lexicon, shipped_lexicon
from mappings.taxonomy import TAXONOMY


def complaint(text: str) -> str:
    with pytest.raises(DocumentError) as caught:
        parse_mapping_set(text)
    return str(caught.value)


def test_the_shipped_set_passes_its_own_checks_and_survives_a_round_trip() -> None:
    text = resources.files("mappings").joinpath("data", "mapping_set.toml").read_text(encoding="utf-8")
    assert parse_mapping_set(text) == shipped_mapping_set()
    again = parse_mapping_set(render_mapping_set(shipped_mapping_set()))
    assert again == shipped_mapping_set()
    assert again.version == shipped_mapping_set().version


def test_every_shipped_sub_reason_is_there_and_every_concept_has_a_meaning() -> None:
    shipped = shipped_mapping_set()
    for category, definition in TAXONOMY.items():
        assert dict(shipped.sub_reasons[category]) == definition.sub_reasons
    reasons = {name for name, concept in shipped_lexicon().concepts.items() if concept.kind in ("reason", "topic")}
    assert reasons == set(shipped.concepts)


def test_the_version_changes_with_the_content_and_only_with_it() -> None:
    shipped = shipped_mapping_set()
    assert replace(shipped).version == shipped.version
    assert replace(shipped, review_threshold=0.7).version != shipped.version


def test_an_unknown_category_is_named_with_its_line_and_the_nearest_one() -> None:
    says = complaint('[concepts.price]\ncategory = "bugdet"\n')
    assert "line 2" in says
    assert "did you mean 'budget'" in says
    assert "value_perception" in says


def test_an_unknown_sub_reason_lists_what_may_stand_there() -> None:
    text = (
        '[sub_reasons.budget]\nfrozen = "x"\n\n[[labels]]\nvalue = "Cut"\ncategory = "budget"\nsub_reason = "frozzen"\n'
    )
    says = complaint(text)
    assert "line 7" in says
    assert "did you mean 'frozen'" in says


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("colour = 1\n", "colour"),
        ('[[rules]]\nid = "a"\ncategory = "need"\n', "any, all or regex"),
        ('[[rules]]\nid = "a"\nregex = ["("]\ncategory = "need"\n', "not a regular expression"),
        ('[[rules]]\nid = "a"\nany = ["x"]\nconfidence = 3\ncategory = "need"\n', "between 0 and 1"),
        ("name = \n", "not valid TOML"),
        ('[concepts.prize]\ncategory = "budget"\n', "did you mean 'price'"),
    ],
)
def test_each_fault_is_told_with_a_remedy(text: str, words: str) -> None:
    assert words in complaint(text)


def test_every_fault_is_listed_at_once() -> None:
    assert len(complaint('colour = 1\n[concepts.price]\ncategory = "x"\n').splitlines()) == 2


def test_a_pattern_with_an_unknown_family_is_refused() -> None:
    families = dict.fromkeys(("no", "filler", "neutral"), "x")
    document = {"families": families, "concepts": {"a": {"patterns": "<bogus> price"}}}
    with pytest.raises(ValueError, match="bogus"):
        compile_lexicon([document])


def test_the_word_files_are_valid_toml() -> None:
    folder = resources.files("mappings").joinpath("data", "words")
    assert all(tomllib.loads(file.read_text(encoding="utf-8")) for file in folder.iterdir())
