"""Writes service/api/examples.json: what a program asks and is answered, over a small made-up sales world."""

from __future__ import annotations

import json
import re
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert

import service.api
from service.store.models import Base, InboxRow, InboxState
from service.store.session import open_store
from tests.integration.api.api_world import ApiWorld

OUT = Path(service.api.__file__).parent / "examples.json"
MOST = 2
ACME, DRAFT, POLICY = "/connections/acme", "/documents/mappings/draft", "/documents/policy/draft"
SECRETS = (
    (re.compile(r"rk_api_[A-Za-z0-9_-]{20,}"), "rk_api_shown-only-once"),
    (re.compile(r"whsec_[A-Za-z0-9+/=]{20,}"), "whsec_shown-only-once"),
    (re.compile(r"^[A-Z2-9]{4}(-[A-Z2-9]{4})+$"), "ABCD-EFGH-JKLM-NPQR"),
)


class Recorder:
    """Asks, and keeps the first answer of each call."""

    def __init__(self, world: ApiWorld) -> None:
        self.world = world
        self.admin = world.caller()
        self.found: dict[str, dict[str, Any]] = {}

    def __call__(self, method: str, path: str, body: Any = None, *, match: str = "", **more: Any) -> Any:
        """Ask; `match` is the path whose ETag is sent as If-Match."""
        headers = {"If_Match": self.admin.call("GET", match).headers["ETag"]} if match else {}
        answer = self.admin.call(method, path, body, **headers) if not more else self._send(method, path, **more)
        assert answer.status_code < 300, (method, path, answer.get_data(as_text=True))
        if method == "DELETE" and answer.status_code == 204:
            given: Any = None
        else:
            given = answer.get_json(silent=True) if answer.is_json else answer.get_data(as_text=True)
        self._keep(method, path, body if not more else more["data"], given)
        return given

    def _send(self, method: str, path: str, **more: Any) -> Any:
        return self.world.service.test_client().open(
            f"/api/v1{path}", method=method, headers=self.admin.headers, **more
        )

    def _keep(self, method: str, path: str, takes: Any, gives: Any) -> None:
        bare, _, query = path.partition("?")
        adapter = self.world.service.url_map.bind("localhost")
        endpoint, parts = adapter.match(f"/api/v1{bare}", method=method)
        kept: dict[str, Any] = {}
        if parts:
            kept["path"] = dict(parts)
        if query:
            kept["query"] = {name: int(value) if value.isdecimal() else value for name, value in _pairs(query)}
        if takes is not None:
            kept["takes"] = takes
        if gives is not None:
            kept["gives"] = shortened(gives)
        self.found.setdefault(endpoint, kept)


def _pairs(query: str) -> list[tuple[str, str]]:
    return [(name, value) for name, _, value in (part.partition("=") for part in query.split("&"))]


def shortened(value: Any) -> Any:
    """The first rows of each list, long texts cut, nothing secret."""
    if isinstance(value, dict):
        return {name: shortened(part) for name, part in list(value.items())[:40]}
    if isinstance(value, list):
        return [shortened(part) for part in value[:MOST]]
    if isinstance(value, str):
        for pattern, word in SECRETS:
            value = pattern.sub(word, value)
        return value if len(value) < 400 else value[:397] + "..."
    return value


def record(world: ApiWorld) -> dict[str, dict[str, Any]]:
    """Every call once, in an order in which it works."""
    ask = Recorder(world)
    make_world(world)
    _read(ask)
    _decide(ask)
    _edit(ask)
    _run(ask)
    _people(ask)
    return dict(sorted(ask.found.items()))


def make_world(world: ApiWorld) -> None:
    """A few losses, a dead letter."""
    sets = world.sets
    lost = (
        ("006A1", "Price", "CFO froze all spend until the new fiscal year in April"),
        ("006A2", "Lost to Zendesk", "Their contract ends on 30 June 2027"),
        ("006A3", "Blorp", ""),
    )
    sets.read(
        *(sets.lost(id_, reason, notes, lost_on=sets.now.date() - timedelta(days=9)) for id_, reason, notes in lost)
    )
    sets.work()
    letter = {
        "connection_id": sets.connection_id, "kind": "deal", "state": InboxState.DEAD, "attempts": 5, "mark": "1",
        "deal_id": "006A9", "received_at": sets.now, "next_try_at": sets.now, "error": "The CRM refused: no access.",
        "error_reason": "rejected",
    }  # fmt: skip
    with world.store.begin() as tx:
        tx.execute(insert(InboxRow), [letter])


def _read(ask: Recorder) -> None:
    for path in (
        "/me", "/audit?from=2026-09-01&to=2026-11-23", "/audit/details?connection=acme", "/audit.csv?category=budget",
        "/deals?category=competitor", "/deals/1", "/deals/1/debrief", "/taxonomy", "/reminders?bucket=later",
        "/reminders/counts", "/colleagues", "/reasons?order=review", "/crms", "/connections", ACME,
        f"{ACME}/crm-fields",
        f"{ACME}/scope", f"{ACME}/owners", f"{ACME}/limits", f"{ACME}/webhook", f"{ACME}/inbox",
    ):  # fmt: skip
        ask("GET", path)
    export = "Deal Name,Close Date,Closed Lost Reason\nNorthwind,2026-10-01,Budget freeze until April\n"
    ask("POST", "/exports/preview", data=export, content_type="text/csv")


def _decide(ask: Recorder) -> None:
    debrief = {"stated": "It came too early for us.", "is_worth_it": True, "touch_on": "2027-03-01"}
    ask("PUT", "/deals/3/debrief", debrief)
    ask(
        "PUT",
        "/deals/3/verdict",
        {"category": "timing", "sub_reason": "postponed", "why": "They told me on the phone."},
    )
    ask("DELETE", "/deals/3/verdict")
    ask("POST", "/deals/verdicts", {"ids": [3], "category": "timing", "why": "The whole batch was postponed."})
    ids = [one["id"] for one in ask("GET", "/reminders?bucket=later")["reminders"]]
    ask("POST", "/reminders/reassign", {"ids": ids[:1], "connection": "acme", "owner_id": "rep-2"})
    ask("POST", "/reminders/snooze", {"ids": ids[:1], "until": "2027-05-03", "why": "They are moving house."})
    ask("POST", "/reminders/done", {"ids": ids[1:2]})
    ask("POST", "/reminders/cancel", {"ids": ids[1:2]})
    ask("POST", "/reminders/release", {"ids": ids[:1]})


def _edit(ask: Recorder) -> None:
    ask("GET", DRAFT)
    text = ask.admin.ask("GET", DRAFT)["text"]
    rule = {"category": "timing", "sub_reason": "on_hold", "any": ["on ice", "parked"]}
    ask("PUT", f"{DRAFT}/rules/on_ice", rule, match=DRAFT)
    ask("GET", f"{DRAFT}/rules")
    ask("DELETE", f"{DRAFT}/rules/on_ice", match=DRAFT)
    ask("PUT", f"{DRAFT}/sub-reasons/budget/moved", {"says": "The money went to another project."}, match=DRAFT)
    ask("GET", f"{DRAFT}/sub-reasons")
    ask("DELETE", f"{DRAFT}/sub-reasons/budget/moved", match=DRAFT)
    ask("POST", f"{ACME}/scope/count", {"min_amount": 500})
    ask("PUT", f"{DRAFT}/scopes/acme", {"min_amount": 500, "exclude": {"type": ["Renewal"]}}, match=DRAFT)
    ask("DELETE", f"{DRAFT}/scopes/acme", match=DRAFT)
    ask("POST", "/reasons/assign", {"values": ["Blorp"], "category": "budget", "sub_reason": "frozen"}, match=DRAFT)
    ask("POST", "/reasons/test", {"text": "Blorp"})
    ask("POST", "/simulator", {"reason": "Lost to Zendesk", "contract_end": "2027-06-30", "country": "DE"})
    preview = ask("POST", "/documents/mappings/previews", {})
    number = preview["id"]
    ask("POST", f"/previews/{number}/go-on")
    ask("GET", f"/previews/{number}")
    ask("GET", f"/previews/{number}/outcomes?limit=50")
    ask("GET", "/previews")
    ask("POST", f"/previews/{number}/publish", {"comment": "What Blorp means, as sales told us."})
    ask("POST", f"/previews/{number}/write")
    ask("GET", "/documents/mappings/versions")
    ask("GET", "/documents/mappings/versions/1")
    ask("GET", "/documents/mappings/diff?from=1&to=2")
    ask("POST", "/documents/mappings/rollback", {"number": 1})
    ask("PUT", DRAFT, {"text": text}, match=DRAFT)
    ask("POST", f"{DRAFT}/rebase", match=DRAFT)
    ask("POST", "/reasons/unassign", {"values": ["Blorp"]}, match=DRAFT)
    ask("DELETE", DRAFT, match=DRAFT)
    ask("GET", f"{POLICY}/settings")
    ask("PATCH", f"{POLICY}/settings", {"settings": {"timing.notice_days": 90}}, match=POLICY)
    task = {
        "purpose": "reconnect", "when": "timing", "subject": ["{account}: is it time now?"],
        "do": "Call whom you spoke to last.", "questions": ["What has changed since?", "Who decides now?"],
    }  # fmt: skip
    ask("POST", "/task-texts/example", task)
    ask("PUT", f"{POLICY}/task-texts", task, match=POLICY)
    ask("GET", f"{POLICY}/task-texts")
    ask("DELETE", f"{POLICY}/task-texts?purpose=reconnect&when=timing", match=POLICY)


def _run(ask: Recorder) -> None:
    ask("POST", f"{ACME}/check")
    ask("PATCH", ACME, {"settings": {"notes": "facts", "morning_hour": "7"}})
    ask("PUT", f"{ACME}/fields", {"fields": {"reason": ["Reason"]}, "scope": {"min_amount": 500}})
    began = ask("POST", f"{ACME}/sync", {"full": False})
    ask("GET", began["url"].removeprefix("/api/v1"))
    ask("GET", f"{ACME}/runs?limit=20")
    ask("GET", f"{ACME}/runs/{began['run']['id']}")
    ask("POST", f"{ACME}/hold")
    ask("GET", f"{ACME}/undo")
    ask("POST", f"{ACME}/undo", {})
    ask("GET", f"{ACME}/go-live?limit=5")
    ask("POST", f"{ACME}/go-live", {"limit": 5})
    ask.admin.ask("POST", f"{ACME}/undo", {})
    ask("POST", f"{ACME}/webhook/rotate", {"at_once": False})
    ask("POST", f"{ACME}/inbox/retry", {"ids": [1]})
    ask("POST", "/connections", {"crm": "hubspot", "name": "acme", "credentials": {"token": "pat-eu1-your-own"}})


def _people(ask: Recorder) -> None:
    new = {"email": "ann@x.example", "name": "Ann", "role": "rep"}
    ask("POST", "/people", new)
    ask("GET", "/people")
    ask("GET", "/people/ann@x.example")
    ask("PATCH", "/people/ann@x.example", {"role": "manager"})
    ask("POST", "/people/ann@x.example/invitation")
    ask("PUT", "/people/ann@x.example/owners/acme", {"owner_id": "rep-2"})
    ask("GET", "/people/ann@x.example/owners")
    ask("POST", "/tokens", {"email": "ann@x.example", "name": "nightly report", "scopes": ["read"], "days": 90})
    tokens = ask("GET", "/tokens")
    ask("DELETE", f"/tokens/{tokens[0]['id']}")
    ask("GET", "/actions?limit=2")
    ask("GET", "/actions/kinds")
    ask("GET", "/findings")
    ask("PUT", "/findings/budget", {"text": "Ask in the first talk who signs, and when."})
    ask("PUT", "/people/ann@x.example/review", {"way": "email"})
    ask("PUT", "/me/review", {"way": "email"})
    ask("GET", "/me/review")
    ask("POST", "/reviews", {"week": "2026-W47"})
    ask("GET", "/reviews")
    ask("GET", "/reviews/2026-W47")
    ask("DELETE", f"{ACME}?tasks=leave")


def main() -> None:
    """Record them into the package."""
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(f"sqlite:///{folder}/rekindle.db")
        Base.metadata.create_all(store.engine)
        found = record(ApiWorld(store, Path(folder)))
        store.dispose()
    OUT.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    main()
