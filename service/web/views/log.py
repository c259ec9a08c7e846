"""The audit log: who did what, with filters, and as a table for a spreadsheet."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, Response, render_template, request
from sqlalchemy.orm import Session

from service.audit.export import as_table
from service.people.roles import Right
from service.store.models import ActionRow
from service.store.people import find_actions, kinds_of_actions
from service.web.csv_export import csv_answer
from service.web.filters import link
from service.web.who import product, requires

PAGE, MOST = 100, 10_000


def add_to(site: Blueprint) -> None:
    """The routes."""
    site.add_url_rule("/people/log", "log", log)
    site.add_url_rule("/people/log.csv", "log_csv", log_csv)


@requires(Right.MANAGE_PEOPLE)
def log() -> str:
    """A page of it, the newest first."""
    with product().store.read() as tx:
        rows = _found(tx, limit=PAGE + 1, before_id=request.args.get("before", type=int))
        who, what = kinds_of_actions(tx)
    more = rows[PAGE - 1].id if len(rows) > PAGE else None
    return render_template("log.html", rows=rows[:PAGE], more=more, everybody=who, kinds=what, link=link)


@requires(Right.MANAGE_PEOPLE)
def log_csv() -> Response:
    """What the filters leave of it."""
    with product().store.read() as tx:
        rows = _found(tx, limit=MOST)
    cells = [(row.at.isoformat(timespec="seconds"), row.who, row.what, row.subject, row.says) for row in rows]
    return csv_answer("log.csv", as_table(("at", "who", "what", "subject", "says"), cells))


def _found(tx: Session, *, limit: int, before_id: int | None = None) -> Sequence[ActionRow]:
    given = request.args
    who, what, words = given.get("who", ""), given.get("what", ""), given.get("q", "")
    return find_actions(tx, who=who, what=what, words=words, before_id=before_id, limit=limit)
