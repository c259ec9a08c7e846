"""The start page: drop an export, see what it says. Nothing of it is stored."""

from __future__ import annotations

from collections import Counter
from typing import Any, BinaryIO, cast

from flask import Blueprint, make_response, render_template, request
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response as BaseResponse

from service.errors import UsageFault
from service.preview.run import summary_of
from service.preview.spreadsheet import open_sheet
from service.web.filters import today
from service.web.uploads import chosen_file
from service.web.who import product, requires

ENDINGS = (".csv", ".tsv", ".txt")


def add_to(site: Blueprint) -> None:
    """The routes."""
    site.add_url_rule("/start", "start", start, methods=["GET", "POST"])


@requires()
def start() -> str | BaseResponse:
    """Ask for a file, or say what is in it."""
    if request.method == "GET":
        return render_template("start.html")
    try:
        file = chosen_file(ENDINGS, remedy="Choose the export of your lost deals as CSV; Excel saves as CSV, too.")
        found, skipped = _read(file)
    except UsageFault as error:
        return make_response(render_template("start.html", fault=str(error)), 400)
    if not found["deals"]:
        fault = "No lost deal was found in that file. Export closed-lost deals, with a column for the reason."
        return make_response(render_template("start.html", fault=fault), 400)
    return render_template(
        "start.html",
        found=found,
        skipped=skipped,
        name=file.filename,
        per_owner=_per_owner(found["tasks"]),
    )


def _read(file: FileStorage) -> tuple[dict[str, Any], dict[str, int]]:
    """What `rekindle preview` tells of an export. Raises UsageFault."""
    app = product()
    with app.reading() as tx:
        rules = app.rules(tx)
    sheet = open_sheet(cast(BinaryIO, file.stream), named={}, day_first=None, name=str(file.filename))
    return summary_of(sheet, rules, today()), sheet.skipped


def _per_owner(tasks: list[dict[str, Any]]) -> list[tuple[str, int, str]]:
    """Tasks by owner, and the first month of each, by name."""
    counts: Counter[str] = Counter()
    first: dict[str, str] = {}
    for one in tasks:
        counts[one["owner"]] += one["tasks"]
        first[one["owner"]] = min(one["month"], first.get(one["owner"], one["month"]))
    return [(owner, counts[owner], first[owner]) for owner in sorted(counts, key=str.casefold)]
