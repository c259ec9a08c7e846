"""JSON Lines: one object in, one object out, in order; a bad line is an answer too."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import orjson

from mappings.documents.mapping_set import shipped_mapping_set
from mappings.documents.policy import shipped_policy
from service.losses.rules import Rules
from service.preview.blocks import line_blocks
from service.preview.jsonl import preview_block, stream

TODAY = date(2026, 11, 21)


def shipped() -> Rules:
    return Rules(mapping_set=shipped_mapping_set(), policy=shipped_policy())


def answers(*lines: bytes) -> list[dict[str, Any]]:
    block = preview_block(lines, 1, shipped(), TODAY)
    return [orjson.loads(line) for line in block.text.splitlines()]


def test_an_object_comes_back_with_the_keys_that_are_fixed() -> None:
    [answer] = answers(b'{"id": "a", "stated_reason": "No budget", "lost_on": "2026-10-01", "country": "JP"}')

    assert answer["id"] == "a"
    assert (answer["category"], answer["stated"]["category"]) == ("budget", "budget")
    fixed = {
        "id", "category", "sub_reason", "secondary", "confidence", "finality", "needs_review", "stated", "facts",
        "follow_ups", "later", "evidence",
    }  # fmt: skip
    assert fixed <= answer.keys()
    assert {"due_on", "anchor", "purpose", "provisional", "why"} <= answer["follow_ups"][0].keys()


def test_a_fact_tells_the_term_and_the_notice_that_were_said_and_no_others() -> None:
    said, unsaid = answers(
        b'{"id": "a", "notes": "They signed with Umbra for 24 months in May 2026, three months\' notice."}',
        b'{"id": "b", "notes": "Their contract with Umbra ends in May 2027."}',
    )

    [told] = said["facts"]
    assert (told["kind"], told["on"]) == ("contract_end", "2028-05-01")
    assert (told["term_months"], told["notice_days"]) == (24, 90)
    assert {"term_months", "notice_days", "fiscal_year_start_month"}.isdisjoint(unsaid["facts"][0])


def test_a_bad_line_is_answered_in_its_place_and_the_others_go_on() -> None:
    first, second, third, fourth = answers(
        b"{", b'{"id": 7, "lost_on": "soon"}', b"[]", b'{"id": "ok", "stated_reason": ["Price", "CFO said no"]}'
    )

    assert (first["line"], third["line"]) == (1, 3)
    assert second["id"] == 7
    assert "lost_on" in second["error"]
    assert fourth["id"] == "ok"


def test_an_id_comes_back_as_it_was_given() -> None:
    assert [answer["id"] for answer in answers(b'{"id": 12, "notes": "x"}', b'{"notes": "x"}')] == [12, None]


def test_a_loss_without_a_day_counts_from_today() -> None:
    [answer] = answers(b'{"id": "a", "stated_reason": "Not now, maybe in six months"}')

    assert all(step["due_on"] >= TODAY.isoformat() for step in answer["follow_ups"])


def test_a_pause_of_the_input_gives_what_is_there() -> None:
    class Typing(io.BytesIO):
        def read1(self, size: int | None = -1, /) -> bytes:
            return self.readline()

    blocks = list(line_blocks(Typing(b"a\nb\nc"), most=500, is_pausing=lambda: True))

    assert blocks == [[b"a"], [b"b"], [b"c"]]


def test_a_pause_behind_a_full_block_keeps_nobody_waiting_for_it() -> None:
    blocks = list(line_blocks(io.BytesIO(b"x\n" * 1000), most=500, is_pausing=lambda: True))

    assert [len(block) for block in blocks] == [500, 500, 0], "a short block says that all so far is to be answered"


def test_without_a_pause_blocks_are_full() -> None:
    source = io.BytesIO(b"x\n" * 1200)

    assert [len(block) for block in line_blocks(source, most=500)] == [500, 500, 200]


def test_other_processes_give_the_same_answers_in_the_same_order() -> None:
    lines = [orjson.dumps({"id": number, "stated_reason": "No budget"}) for number in range(4600)]
    source = io.BytesIO(b"\n".join(lines))

    blocks = list(stream(line_blocks(source, most=500), shipped, TODAY, processes=2))

    found = [orjson.loads(line)["id"] for block in blocks for line in block.text.splitlines()]
    assert found == list(range(4600))
    assert sum(block.errors for block in blocks) == 0


def test_notes_cut_through_the_middle_of_an_emoji_are_read() -> None:
    (answer,) = answers(rb'{"id": "e", "stated_reason": "No budget", "notes": "cut here \ud83d"}')

    assert (answer["id"], answer["category"]) == ("e", "budget")
