"""What the calls about the drafts share: saving over the revision in If-Match, and what a conflict says."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

from flask import Response, abort, request
from sqlalchemy.orm import Session

from service.api.problems import problem
from service.api.schemas import LARGEST_ID
from service.api.who import person, product
from service.deeds.documents import save_over
from service.mapping_sets.drafts import Draft, DraftConflictError
from service.mapping_sets.kinds import Kind
from service.mapping_sets.learn import Edit, edit_draft
from service.mapping_sets.versions import diff_texts, published

MISSING = "If-Match is missing: send the revision of the draft that you saw."


@contextmanager
def ready() -> Iterator[Session]:
    """A unit of work that only reads, in which both documents are published."""
    with product().reading() as tx:
        yield tx


def kind_named(name: str) -> Kind:
    """The document of that name; 404 for another."""
    if name not in set(Kind):
        abort(404, f"There is no document {name!r}; they are: {', '.join(Kind)}.")
    return Kind(name)


def known_number(number: int) -> int:
    """A number that the database could hold."""
    if number > LARGEST_ID:
        abort(404, "There is nothing of that number.")
    return number


def saved(kind: Kind, save: Callable[[Session, int], Draft], what: str = "edit") -> Any:
    """Save over the revision that was seen; the new draft with its ETag."""
    revision = _seen()
    if revision is None:
        return problem(HTTPStatus.PRECONDITION_REQUIRED, MISSING, remedy="Read the draft; its ETag is the revision.")
    try:
        made = save_over(product(), kind, lambda tx: save(tx, revision), who=person().email, what=what)
    except DraftConflictError as conflict:
        return _conflict(conflict)
    return told(made)


def _seen() -> int | None:
    """The revision of If-Match; -1, which none has, for one that is not ours."""
    given = request.headers.get("If-Match", "").strip()
    if not given:
        return None
    tag = given.removeprefix("W/").strip('"')
    return int(tag) if tag.isascii() and tag.isdecimal() and len(tag) < 10 else -1


def _conflict(conflict: DraftConflictError) -> Response:
    there = conflict.draft
    with product().store.read() as tx:
        differences = diff_texts(there.kind, published(tx, there.kind).text, there.text)
    says = {"revision": there.revision, "author": there.author, "differences": [one.says for one in differences]}
    found = problem(
        HTTPStatus.PRECONDITION_FAILED, f"{there.author or 'Somebody'} saved the draft meanwhile.",
        remedy="Read the draft again and repeat your change on it.", errors=says,
    )  # fmt: skip
    found.headers["ETag"] = f'"{there.revision}"'
    return found


def told(there: Draft) -> tuple[Draft, int, Mapping[str, str]]:
    """A draft with its ETag."""
    return there, HTTPStatus.OK, {"ETag": f'"{there.revision}"'}


def saved_edit(kind: Kind, edit: Edit) -> Any:
    """Save one edit of the draft over the revision that was seen."""
    return saved(
        kind,
        lambda tx, revision: edit_draft(tx, kind, edit, revision=revision, author=person().email, now=product().now()),
    )
