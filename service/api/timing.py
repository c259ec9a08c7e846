"""The calls about timing: the policy's settings and task texts as its draft has them, and the simulator."""

from __future__ import annotations

from typing import Any

from mappings.documents import policy_edits as edits
from mappings.documents.policy_notes import setting_notes
from mappings.documents.policy_values import TaskTemplate
from mappings.model import FollowUpPlan, LostDeal, Purpose, Step
from mappings.task_text import TaskText
from service.api import timing_schemas as schemas
from service.api.document_schemas import DraftPart
from service.api.drafting import ready, saved_edit, told
from service.api.routes import EDIT, Routes
from service.api.who import product
from service.errors import NothingSuch, UsageFault
from service.mapping_sets.drafts import open_draft
from service.mapping_sets.examples import example_task
from service.mapping_sets.kinds import Kind, mapping_set_of, policy_of
from service.mapping_sets.settings import blackout_of, flat_settings
from service.mapping_sets.simulate import Simulated, simulate, stored_deal, typed_deal
from service.mapping_sets.tester import reading_as_json

calls = Routes("timing", "When to come back: the policy's numbers, what the tasks say, and the simulator.")
DRAFT = "/documents/policy/draft"


@calls.call("GET", f"{DRAFT}/settings", EDIT, gives=schemas.SettingsPart)
def settings() -> Any:
    """The numbers of the draft, with what each is for and how sure its source is; its ETag is the draft's."""
    with ready() as tx:
        draft = open_draft(tx, Kind.POLICY)
    policy, notes = policy_of(draft.text), setting_notes()
    rows = []
    for path, value in flat_settings(policy).items():
        note = notes.get(path)
        more = {"shipped": note.shipped, "says": note.says, "grade": note.grade} if note else {}
        rows.append({"shipped": None, "says": "", "grade": None, **more, "path": path, "value": value})
    blackout = [{"from": first, "to": last} for first, last in blackout_of(policy)]
    _, status, headers = told(draft)
    return {"settings": rows, "blackout": blackout}, status, headers


@calls.call("PATCH", f"{DRAFT}/settings", EDIT, takes=schemas.SettingsBody, gives=DraftPart, also=(412, 428))
def change_settings(body: dict[str, Any]) -> Any:
    """Set some of the numbers, all or none."""
    values: dict[edits.Path, Any] = {tuple(path.split(".")): value for path, value in body["settings"].items()}
    if any(isinstance(value, dict | list) for value in values.values()):
        raise UsageFault("A setting is a number, a word, true or false.", remedy="Name each setting by its path.")
    spans = body["blackout"]

    def edit(text: str) -> str:
        changed = edits.put_settings(text, values)
        return changed if spans is None else edits.put_blackout(changed, [(one["from_"], one["to"]) for one in spans])

    return saved_edit(Kind.POLICY, edit)


@calls.call("GET", f"{DRAFT}/task-texts", EDIT, gives=schemas.TaskTextPart(many=True))
def task_texts() -> Any:
    """What the tasks say, by purpose and kind of loss."""
    with ready() as tx:
        return list(policy_of(open_draft(tx, Kind.POLICY).text).tasks)


@calls.call("PUT", f"{DRAFT}/task-texts", EDIT, takes=schemas.TaskTextBody, gives=DraftPart, also=(412, 428))
def put_task_text(body: dict[str, Any]) -> Any:
    """Change what the task of a purpose says, or add a text for one kind of loss."""
    task = _task(body)
    return saved_edit(Kind.POLICY, lambda text: edits.put_task(text, task))


@calls.call("DELETE", f"{DRAFT}/task-texts", EDIT, query=schemas.TaskTextQuery, gives=DraftPart, also=(412, 428))
def remove_task_text(query: dict[str, Any]) -> Any:
    """Take the text for one kind of loss out."""
    return saved_edit(Kind.POLICY, lambda text: edits.remove_task(text, query["purpose"], query["when"]))


@calls.call("POST", "/task-texts/example", EDIT, takes=schemas.TaskTextBody, gives=schemas.ExamplePart)
def example(body: dict[str, Any]) -> Any:
    """What a rep would read of a text, on a deal made up for it; null where the policy makes no such follow-up."""
    task = _task(body)
    with ready() as tx:
        mapping_set = mapping_set_of(open_draft(tx, Kind.MAPPINGS).text)
        policy = policy_of(edits.put_task(open_draft(tx, Kind.POLICY).text, task))
    return _words(example_task(mapping_set, policy, task, today=product().now().date()))


@calls.call("POST", "/simulator", EDIT, takes=schemas.SimulateBody, gives=schemas.SimulationPart, also=(404,))
def simulator(body: dict[str, Any]) -> Any:
    """What is in force, and the drafts, make of one deal. Dates are those before they are spread over a rep's days."""
    app = product()
    with app.store.begin() as tx:
        connection, today = None, app.now().date()
        if body["deal"] is not None:
            found = stored_deal(tx, body["deal"])
            if found is None:
                raise NothingSuch("There is no such deal.", remedy="Look for it in the list of deals.")
            deal, row = found
            connection, today = row.name, app.today(row)
        else:
            deal = _typed({name: value for name, value in body.items() if name != "deal"}, today)
        done = simulate(app, tx, deal, today=today, connection=connection)
    draft = _simulated(done.draft) if done.draft else None
    return {"today": today, "lost_on": done.deal.lost_on, "published": _simulated(done.published), "draft": draft}


def _typed(given: dict[str, Any], today: Any) -> LostDeal:
    days = [day for day in (given["lost_on"], given["contract_end"]) if day is not None]
    if any(not 1990 <= day.year <= 2100 for day in days):
        raise UsageFault("That day is too far away.", remedy="Choose one between 1990 and 2100.")
    lost_on = min(given["lost_on"] or today, today)
    country = given["country"].upper() if given["country"] else None
    return typed_deal(account="Your deal", **{**given, "lost_on": lost_on, "country": country})


def _simulated(one: Simulated) -> dict[str, Any]:
    made: FollowUpPlan = one.plan
    return {
        "reading": reading_as_json(one.classification),
        "steps": [_step(step) for step in made.steps],
        "later": [_step(step) for step in made.later],
        "dropped": list(one.left_out),
        "why_none": made.why_none,
        "tasks": [_words(task) for task in one.tasks],
    }


def _step(step: Step) -> dict[str, Any]:
    named = ("anchor", "purpose", "provisional", "why")
    return {"due_on": step.due_on.isoformat(), **{name: getattr(step, name) for name in named}}


def _words(task: TaskText | None) -> dict[str, Any]:
    return {"subject": task.subject if task else None, "body": "\n".join(task.lines) if task else None}


def _task(body: dict[str, Any]) -> TaskTemplate:
    first, second = body["questions"]
    return TaskTemplate(
        purpose=Purpose(body["purpose"]),
        when=body["when"],
        subject=tuple(body["subject"]),
        do=body["do"],
        questions=(first, second),
    )
