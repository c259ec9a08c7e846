"""The book of deals both sandbox CRMs start with."""

from __future__ import annotations

from collections import Counter
from datetime import date

from connectors.sandbox.book_making import make_book

TODAY = date(2026, 11, 22)


def test_the_same_seed_and_day_give_the_same_book() -> None:
    assert make_book(3, deals=200, today=TODAY) == make_book(3, deals=200, today=TODAY)
    assert make_book(3, deals=200, today=TODAY) != make_book(4, deals=200, today=TODAY)


def test_nothing_in_the_book_has_happened_today_or_later() -> None:
    book = make_book(deals=2_000, today=TODAY)

    assert all(deal.created_at <= deal.modified_at for deal in book.deals)
    assert max(deal.modified_at for deal in book.deals).date() < TODAY
    assert max(deal.close_date for deal in book.deals if deal.state != "open") < TODAY


def test_the_book_has_what_a_sales_team_has() -> None:
    book = make_book(deals=2_000, today=TODAY)
    lost = [deal for deal in book.deals if deal.state == "lost"]

    assert Counter(deal.state for deal in book.deals).keys() == {"lost", "won", "open"}
    assert all(deal.lost_on == deal.close_date for deal in lost)
    assert {"Lost to Competitor", "No Budget / Lost Funding", "Other"} <= {deal.reason for deal in lost}
    assert any(deal.reason is None for deal in lost)
    assert any(deal.notes is None for deal in lost)
    assert any(deal.contract_end for deal in lost)
    assert any(contact.has_opted_out for contact in book.contacts)
    assert [user.manager_number for user in book.users if not user.is_active] == [2]
    assert len({account.name for account in book.accounts}) == len(book.accounts)
    assert len({account.country for account in book.accounts}) > 8


def test_many_deals_share_the_stamp_of_one_import() -> None:
    book = make_book(deals=2_000, today=TODAY)

    (_, count), *_ = Counter(deal.modified_at for deal in book.deals).most_common(1)

    assert count > 60


def test_distinct_notes_never_repeat() -> None:
    notes = [deal.notes for deal in make_book(deals=2_000, today=TODAY, distinct_notes=True).deals if deal.notes]

    assert len(notes) == len(set(notes)) > 500
