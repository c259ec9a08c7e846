"""The policy as a document: what it may say, what it is told when it says it wrong, and its version."""

from __future__ import annotations

import re
import tomllib
from decimal import Decimal
from importlib import resources

import pytest

from mappings.documents.policy import Policy, parse_policy, render_policy, shipped_policy
from mappings.documents.policy_diff import changed_settings
from mappings.documents.policy_values import Blackout
from mappings.documents.toml import DocumentError
from mappings.model import Purpose

SHIPPED = resources.files("mappings.data").joinpath("policy.toml").read_text("utf-8")

EDITED = """
[timing]
notice_days = 30
[timing.intervals]
timing = 90
"value_perception.no_roi" = 40
[[blackout]]
from = "08-01"
to = "08-31"
[writing]
write_ahead_days = 3
[[competitor]]
name = "Zendesk"
aliases = ["ZD"]
term_months = 36
[[segment]]
name = "Large"
amount_from = 250000.50
currency = "EUR"
[segment.timing]
position_days = 180
[segment.timing.intervals]
need = 200
[[fiscal_year]]
sector = "government"
country = "DE"
region = "BY"
starts = "02-29"
source = "ours"
"""


def problems(text: str) -> str:
    with pytest.raises(DocumentError) as caught:
        parse_policy(text)
    return str(caught.value)


def test_the_shipped_policy_has_the_numbers_of_the_policy_text() -> None:
    policy = shipped_policy()
    timing = policy.timing
    assert (timing.cool_off_days, timing.horizon_months) == (14, 24)
    assert (timing.notice_days, timing.term_months, timing.assumed_end_months) == (60, 12, 12)
    assert (timing.position_days, timing.business_case_days, timing.decide_days) == (90, 45, 14)
    assert (timing.review_lead_days, timing.plan_lead_days, timing.public_plan_lead_days) == (30, 150, 270)
    assert (timing.landed_days, timing.ask_contract_end_days, timing.ask_reason_within_days) == (15, 30, 14)
    assert policy.blackout == (Blackout(first=(12, 20), last=(1, 3)),)
    assert (policy.spread.per_day, policy.spread.per_week) == (5, 15)
    assert (policy.writing.active_within_days, policy.writing.backlog_after_days) == (14, 30)
    assert policy.writing.write_ahead_days is None
    assert all(policy.is_enabled(purpose) for purpose in Purpose)


def test_every_shipped_number_says_where_it_comes_from() -> None:
    numbers = re.findall(r"^(?:\"[\w.]+\"|\w+) = \d+.*$", SHIPPED.split("[enabled]")[0], re.MULTILINE)
    assert len(numbers) > 30
    assert [line for line in numbers if not re.search(r"#\s+[ABCO]\b", line)] == []


def test_every_row_of_the_fiscal_years_has_a_source_and_a_date() -> None:
    text = resources.files("mappings.data").joinpath("fiscal_years.toml").read_text("utf-8")
    rows = [row for table in tomllib.loads(text).values() for row in table]
    assert len(rows) > 100
    assert all(row["source"] and row["as_of"] and row["grade"] for row in rows)
    assert len({(row.get("region"), row["country"], row["name"]) for row in rows}) >= len(rows) - 3


@pytest.mark.parametrize("text", [SHIPPED, EDITED, ""], ids=["shipped", "edited", "empty"])
def test_a_policy_survives_being_written_and_read_again(text: str) -> None:
    policy = parse_policy(text)
    again = parse_policy(render_policy(policy))
    assert (again, again.version) == (policy, policy.version)


def test_writing_keeps_the_comments() -> None:
    written = render_policy(parse_policy(EDITED))
    assert "# C  30, 60 and 90 days are the usual notice windows" in written
    assert "notice_days = 30" in written


def test_what_a_document_leaves_out_is_as_shipped() -> None:
    policy = parse_policy(EDITED)
    assert (policy.timing.notice_days, policy.timing.term_months) == (30, 12)
    assert policy.timing.interval("timing", "postponed") == 90
    assert policy.timing.interval("need", None) == 270
    assert policy.timing.interval("value_perception", "no_roi") == 40
    assert policy.segments[0].amount_from == Decimal("250000.5")
    assert policy.tasks == shipped_policy().tasks


def test_the_version_follows_the_settings_and_not_the_comments() -> None:
    shipped = shipped_policy()
    assert parse_policy("# a remark of ours\n" + SHIPPED).version == shipped.version
    assert parse_policy("[timing]\nterm_months = 12").version == shipped.version
    assert parse_policy("[timing]\nterm_months = 24").version != shipped.version


def test_an_empty_blackout_is_not_the_shipped_one() -> None:
    policy: Policy = parse_policy("blackout = []")
    assert policy.blackout == ()
    assert parse_policy(render_policy(policy)).blackout == ()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[timing]\n\nnotice_dayz = 3", "line 3: timing.notice_dayz: is no setting; remove it, or check its spelling"),
        ('[timing]\nterm_months = "12"', "line 2: timing.term_months: write a whole number from 1 to 240"),
        ("[timing]\nterm_months = true", "line 2: timing.term_months: write a whole number from 1 to 240"),
        ("[timing]\nterm_months = 0", "line 2: timing.term_months: write a whole number from 1 to 240"),
        ("[timing]\nnotice_days = -1", "line 2: timing.notice_days: write a whole number from 0 to 3660"),
        ("[timing.intervals]\ntimming = 3", "'timming' is no category"),
        ('[[blackout]]\nfrom = "12-32"\nto = "01-03"', "line 2: blackout[1].from: write a month and a day"),
        ("[enabled]\nreconect = true", "line 2: enabled.reconect"),
        ('[enabled]\nreconnect = "no"', "write true or false"),
        ("[[competitor]]\nname = 3", "line 2: competitor[1].name: write a text in quotes"),
        ("[[competitor]]\nnotice_days = 3", "line 1: competitor[1].name: is missing"),
        ('[[competitor]]\nname = "Z"\naliases = "ZD"', "line 3: competitor[1].aliases: write a list of texts"),
        ("timing = 3", "must be a table of settings"),
        ("[timing\nx=1", "line 1: not valid TOML"),
        ('[[segment]]\nname = "x"\n[segment.timing]\nnotice = 3', "line 4: segment[1].timing.notice: is no setting"),
    ],
)
def test_a_fault_is_named_with_its_line_and_the_remedy(text: str, says: str) -> None:
    assert says in problems(text)


def test_all_faults_are_told_at_once() -> None:
    told = problems("[timing]\nnotice_days = -1\nterm_months = 0").splitlines()
    assert [line.split(":")[0] for line in told] == ["line 2", "line 3"]


class TestTaskTemplates:
    def edited(self, old: str, new: str) -> str:
        assert old in SHIPPED
        return SHIPPED.replace(old, new, 1)

    def test_a_word_that_does_not_exist_is_refused(self) -> None:
        told = problems(self.edited("{account}: find the person who decides", "{account}: {boss} decides"))
        assert "{boss} is no placeholder; write one of account, competitor" in told

    def test_an_open_brace_is_refused(self) -> None:
        assert "a brace is not closed" in problems(self.edited("find the person who decides", "find {the person"))

    def test_a_subject_begins_with_the_account(self) -> None:
        told = problems(self.edited("{account}: find the person who decides", "Find who decides at {account}"))
        assert "begin every subject with {account}" in told

    def test_each_purpose_needs_a_text(self) -> None:
        told = problems(self.edited('purpose = "ask_reason"\n', 'purpose = "ask_reason"\nwhen = "unknown"\n'))
        assert "give a task without `when` for ask_reason" in told


def test_the_difference_of_two_policies_names_each_setting() -> None:
    old = parse_policy('[[competitor]]\nname = "Zendesk"\nnotice_days = 30')
    new = parse_policy(
        '[timing]\nnotice_days = 30\n[[competitor]]\nname = "Acme"\n[[competitor]]\nname = "Zendesk"\nnotice_days = 90'
    )
    assert [str(change) for change in changed_settings(old, new)] == [
        "timing.notice_days: 60 -> 30",
        "competitor[Zendesk].notice_days: 30 -> 90",
        "competitor[Acme].name: set to 'Acme'",
    ]
    assert changed_settings(old, old) == ()
    subject = parse_policy(SHIPPED.replace("{account}: find the person who decides", "{account}: who decides?"))
    assert [change.path for change in changed_settings(shipped_policy(), subject)] == [
        "task[reconnect authority].subject"
    ]
