"""Edits of a policy's document keep its comments and change nothing else."""

from __future__ import annotations

from difflib import unified_diff

import pytest

from mappings.documents.mapping_edits import EditError
from mappings.documents.policy import parse_policy, render_policy, shipped_policy
from mappings.documents.policy_edits import put_blackout, put_settings, put_task, remove_task
from mappings.documents.policy_notes import setting_notes
from mappings.documents.policy_values import TaskTemplate
from mappings.model import Purpose

SHIPPED = render_policy(shipped_policy())


def changed_lines(text: str) -> list[str]:
    lines = list(unified_diff(SHIPPED.splitlines(), text.splitlines(), lineterm="", n=0))[2:]
    return [line for line in lines if not line.startswith("@@")]


def test_a_number_is_changed_on_its_own_line_with_its_comment() -> None:
    text = put_settings(SHIPPED, {("timing", "notice_days"): 30, ("timing", "term_months"): 12})

    gone, came = changed_lines(text)
    assert gone.startswith("-notice_days = 60 ")
    assert came == gone.replace("-", "+", 1).replace("60", "30", 1)


def test_a_setting_that_is_taken_out_is_as_shipped() -> None:
    ahead = put_settings(SHIPPED, {("writing", "write_ahead_days"): 7})

    assert parse_policy(ahead).writing.write_ahead_days == 7
    assert parse_policy(put_settings(ahead, {("writing", "write_ahead_days"): None})) == shipped_policy()


@pytest.mark.parametrize("spans", [[], [("08-01", "08-15")], [("12-24", "01-02"), ("08-01", "08-15")]])
def test_exactly_the_spans_given_are_blacked_out(spans: list[tuple[str, str]]) -> None:
    found = parse_policy(put_blackout(SHIPPED, spans)).blackout

    assert [f"{one.first[0]:02}-{one.first[1]:02}" for one in found] == [first for first, _ in spans]


def test_a_document_without_texts_gets_all_of_them_with_the_one_that_is_changed() -> None:
    task = TaskTemplate(purpose=Purpose.DECIDE, subject=("{account}: now",), do="Do.", questions=("A?", "B?"))

    found = parse_policy(put_task("[spread]\nper_day = 4\n", task))

    assert len(found.tasks) == len(shipped_policy().tasks)
    assert task in found.tasks
    assert found.spread.per_day == 4


def test_the_text_for_all_other_losses_cannot_be_removed() -> None:
    with pytest.raises(EditError, match="has to stay"):
        remove_task(SHIPPED, "decide", None)


def test_every_number_of_the_policy_has_a_note_with_a_grade() -> None:
    timing = vars(shipped_policy())["timing"]
    names = {f"timing.{name}" for name in timing.__dataclass_fields__ if name != "intervals"}

    assert names <= set(setting_notes())
    assert all(note.grade in "ABCO" for note in setting_notes().values())
