"""Timing: the policy's numbers as a form, and what the tasks say, with a live example."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from mappings.documents import policy_edits as edits
from mappings.documents.policy import Policy, settings_of
from mappings.documents.policy_notes import GRADES, setting_notes
from mappings.documents.policy_values import TaskTemplate
from mappings.documents.toml import DocumentError, Problem
from mappings.model import Purpose
from service.errors import RekindleError, UsageFault
from service.mapping_sets.drafts import open_draft
from service.mapping_sets.examples import example_task
from service.mapping_sets.kinds import Kind, mapping_set_of, policy_of
from service.mapping_sets.settings import INTERVALS, blackout_of, flat_settings
from service.people.roles import Right
from service.web.editing import refused, save_edit, summary_of
from service.web.filters import today
from service.web.who import product, requires
from service.web.words.policy import GROUPS, MAY_BE_EMPTY, PLACEHOLDERS, WHEN_NAMES


def add_to(site: Blueprint) -> None:
    """The routes."""
    site.add_url_rule("/timing", "timing", timing)
    site.add_url_rule("/timing", "timing_save", save, methods=["POST"])
    site.add_url_rule("/timing/texts", "timing_texts", texts)
    site.add_url_rule("/timing/texts", "timing_texts_save", save_text, methods=["POST"])
    site.add_url_rule("/timing/texts/remove", "timing_texts_remove", remove_text, methods=["POST"])
    site.add_url_rule("/timing/texts/example", "timing_example", example, methods=["POST"])


@requires(Right.EDIT_MAPPINGS)
def timing() -> str:
    """The numbers of the draft, with what each is for and how sure its source is."""
    return _timing()


def _timing(problems: Sequence[Problem] = (), typed: Mapping[str, str] | None = None, fault: str = "") -> str:
    with product().reading() as tx:
        summary = summary_of(tx, Kind.POLICY)
    policy = policy_of(summary.draft.text)
    settings = settings_of(policy)
    values = {**flat_settings(policy), **(typed or {})}
    return render_template(
        "timing.html",
        summary=summary,
        kind=Kind.POLICY,
        groups=GROUPS,
        values=values,
        intervals=[name.removeprefix(INTERVALS) for name in values if name.startswith(INTERVALS)],
        blackout=_spans(typed) if typed else blackout_of(policy),
        enabled={str(one): settings["enabled"].get(str(one), True) for one in Purpose},
        notes=setting_notes(),
        grades=GRADES,
        faults={one.path.removesuffix(".value").removesuffix(".key"): one.says for one in problems},
        fault=fault,
        changed={one.path for one in summary.differences},
    )


@requires(Right.EDIT_MAPPINGS)
def save() -> BaseResponse:
    """Save the numbers into the draft; what cannot be is shown beside its field."""
    form = {name: value.strip() for name, value in request.form.items()}
    spans = _spans(form)

    def edit(text: str) -> str:
        return edits.put_blackout(edits.put_settings(text, _settings(form)), spans)

    try:
        return save_edit(Kind.POLICY, edit, "The numbers are saved in the draft.")
    except DocumentError as error:
        return refused(_timing(error.problems, typed=form), HTTPStatus.UNPROCESSABLE_ENTITY)


@requires(Right.EDIT_MAPPINGS)
def texts() -> str:
    """What the tasks say, by purpose; the chosen one as a form with an example."""
    return _texts()


def _texts(fault: str = "", typed: TaskTemplate | None = None) -> str:
    with product().reading() as tx:
        summary = summary_of(tx, Kind.POLICY)
        mapping_set = mapping_set_of(open_draft(tx, Kind.MAPPINGS).text)
    policy = policy_of(summary.draft.text)
    chosen = typed or _chosen(policy)
    is_new = chosen.when is not None and not any(_same(one, chosen) for one in policy.tasks)
    shown = None if fault else example_task(mapping_set, policy, chosen, today=today())
    return render_template(
        "task_texts.html",
        summary=summary,
        kind=Kind.POLICY,
        tasks=policy.tasks,
        chosen=chosen,
        is_new=is_new,
        example=shown,
        fault=fault,
        when_names=WHEN_NAMES,
        placeholders=PLACEHOLDERS,
    )


@requires(Right.EDIT_MAPPINGS)
def save_text() -> BaseResponse:
    """Save a text into the draft; a fault is shown above it, with what was typed."""
    task = _typed()
    try:
        return save_edit(Kind.POLICY, lambda text: edits.put_task(text, task), "The text is saved in the draft.")
    except (DocumentError, RekindleError) as fault:
        return refused(_texts(fault=_says(fault), typed=task), HTTPStatus.UNPROCESSABLE_ENTITY)


@requires(Right.EDIT_MAPPINGS)
def remove_text() -> BaseResponse:
    """Take a text for one kind of loss out of the draft."""
    purpose, when = request.form.get("purpose", ""), request.form.get("when") or None
    return save_edit(
        Kind.POLICY, lambda text: edits.remove_task(text, purpose, when), "The text is taken out of the draft."
    )


@requires(Right.EDIT_MAPPINGS)
def example() -> str:
    """What a rep would read, of the text as it is typed."""
    task = _typed()
    with product().reading() as tx:
        summary = summary_of(tx, Kind.POLICY)
        mapping_set = mapping_set_of(open_draft(tx, Kind.MAPPINGS).text)
    try:
        policy = policy_of(edits.put_task(summary.draft.text, task))
    except DocumentError as fault:
        return render_template("_example.html", fault=_says(fault), example=None)
    return render_template("_example.html", fault="", example=example_task(mapping_set, policy, task, today=today()))


def _settings(form: Mapping[str, str]) -> dict[edits.Path, Any]:
    values: dict[edits.Path, Any] = {}
    for _, _, settings in GROUPS:
        for one in settings:
            values[_path(one.path)] = _number(form.get(one.path, ""), may_be_empty=one.path in MAY_BE_EMPTY)
    for name, given in form.items():
        if name.startswith(INTERVALS):
            values["timing", "intervals", name.removeprefix(INTERVALS)] = _number(given)
    if new := form.get("new_interval", ""):
        values["timing", "intervals", new] = _number(form.get("new_interval_days", ""))
    for purpose in Purpose:
        values["enabled", str(purpose)] = f"enabled.{purpose}" in form
    return values


def _number(given: str, *, may_be_empty: bool = False) -> int | str | None:
    """A whole number where it is one; else what was typed, for the document's own complaint."""
    if not given and may_be_empty:
        return None
    return int(given) if given.isascii() and given.isdecimal() and len(given) < 10 else given


def _spans(form: Mapping[str, str] | None) -> list[tuple[str, str]]:
    given = form or {}
    numbers = sorted({name.rpartition(".")[2] for name in given if name.startswith("blackout.from.")})
    spans = [(given[f"blackout.from.{one}"], given.get(f"blackout.to.{one}", "")) for one in numbers]
    return [(first, last) for first, last in spans if first or last]


def _path(name: str) -> edits.Path:
    return tuple(name.split("."))


def _chosen(policy: Policy) -> TaskTemplate:
    wanted, when = request.args.get("purpose", ""), request.args.get("when") or None
    found = [one for one in policy.tasks if one.purpose == wanted]
    exact = next((one for one in found if one.when == when), None)
    return exact or next((one for one in found if one.when is None), policy.tasks[0])


def _typed() -> TaskTemplate:
    form = request.form
    if form.get("purpose") not in set(Purpose):
        raise UsageFault("No task was chosen.", remedy="Choose one from the list.")
    return TaskTemplate(
        purpose=Purpose(form["purpose"]),
        when=form.get("when", "").strip() or None,
        subject=tuple(line.strip() for line in form.get("subject", "").splitlines() if line.strip()),
        do=form.get("do", "").strip(),
        questions=(form.get("question_1", "").strip(), form.get("question_2", "").strip()),
    )


def _same(one: TaskTemplate, other: TaskTemplate) -> bool:
    return (one.purpose, one.when) == (other.purpose, other.when)


def _says(fault: Exception) -> str:
    """A document's complaints without its places: the form has no lines."""
    if isinstance(fault, DocumentError):
        return " ".join(f"{one.says[:1].upper()}{one.says[1:]}." for one in fault.problems)
    return str(fault)
