"""A POST with an Idempotency-Key is done once, whoever loses its answer and sends it again."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from threading import Thread

import pytest
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from service.jobs.retention import forget_answers
from service.people.roles import Scope
from service.store.models import AnswerRow, UserRow
from service.store.session import Store
from tests.integration.api.api_world import ApiWorld, Caller

ANN = {"email": "ann@x.example", "role": "rep"}
BEA = {"email": "bea@x.example", "role": "rep"}


@pytest.fixture
def world(store: Store, tmp_path: Path) -> ApiWorld:
    return ApiWorld(store, tmp_path)


@pytest.fixture
def admin(world: ApiWorld) -> Caller:
    return world.caller()


def add(caller: Caller, key: str, body: dict[str, str] = ANN) -> TestResponse:
    return caller.call("POST", "/people", body, Idempotency_Key=key)


def test_the_second_try_is_answered_word_for_word_like_the_first_and_does_nothing(
    world: ApiWorld, admin: Caller
) -> None:
    first, second = add(admin, "k1"), add(admin, "k1")
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.get_data() == second.get_data()
    assert first.content_type == second.content_type
    assert "Idempotency-Replayed" not in first.headers
    assert second.headers["Idempotency-Replayed"] == "true"
    with world.store.read() as tx:
        assert tx.scalar(select(func.count()).where(UserRow.email == "ann@x.example")) == 1


def test_without_a_key_the_second_try_is_a_second_request(admin: Caller) -> None:
    assert admin.status("POST", "/people", ANN) == 201
    assert admin.status("POST", "/people", ANN) == 422


def test_a_key_used_for_another_body_or_another_call_is_refused(admin: Caller) -> None:
    add(admin, "k1")
    other_body = add(admin, "k1", BEA)
    assert other_body.status_code == 422
    assert other_body.content_type == "application/problem+json"
    assert admin.status("POST", "/reasons/test", {"text": "x"}, Idempotency_Key="k1") == 422


def test_two_tokens_with_one_key_do_not_meet(world: ApiWorld, admin: Caller) -> None:
    assert add(admin, "k1").status_code == 201
    assert add(world.caller("ada@x.example"), "k1", BEA).status_code == 201


def test_what_was_refused_did_nothing_and_frees_its_key(admin: Caller) -> None:
    assert add(admin, "k1", {"email": "not an address", "role": "rep"}).status_code == 422
    assert add(admin, "k1").status_code == 201


def test_a_token_that_may_not_do_it_leaves_no_answer_behind(world: ApiWorld) -> None:
    assert add(world.caller("ada@x.example", Scope.READ), "k1").status_code == 403
    with world.store.read() as tx:
        assert tx.scalar(select(func.count()).select_from(AnswerRow)) == 0


def test_while_the_first_is_being_worked_on_the_second_is_told_to_wait(world: ApiWorld, admin: Caller) -> None:
    assert add(admin, "k1").status_code == 201
    with world.store.begin() as tx:
        tx.scalars(select(AnswerRow)).one().sealed = None  # as it stands while the request lasts
    busy = add(admin, "k1")
    assert (busy.status_code, busy.headers["Retry-After"]) == (409, "1")
    world.sets.now += timedelta(minutes=11)  # its process died
    cut_off = add(admin, "k1")
    assert cut_off.status_code == 409
    assert "not known" in cut_off.get_json(force=True)["detail"]


def test_of_many_at_once_one_is_done(world: ApiWorld, admin: Caller) -> None:
    answers: list[int] = []
    threads = [Thread(target=lambda: answers.append(add(admin, "k1").status_code)) for _ in range(6)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert set(answers) <= {201, 409}
    assert 201 in answers
    assert add(admin, "k1").status_code == 201
    with world.store.read() as tx:
        assert tx.scalar(select(func.count()).where(UserRow.email == "ann@x.example")) == 1


def test_after_a_day_the_key_is_forgotten(world: ApiWorld, admin: Caller) -> None:
    add(admin, "k1")
    world.sets.now += timedelta(hours=23)
    assert add(admin, "k1").status_code == 201
    world.sets.now += timedelta(hours=1)
    assert add(admin, "k1", BEA).status_code == 201
    world.sets.now += timedelta(hours=24)
    forget_answers(world.app)
    with world.store.read() as tx:
        assert tx.scalar(select(func.count()).select_from(AnswerRow)) == 0


def test_the_kept_answer_holds_no_code_in_the_clear(world: ApiWorld, admin: Caller) -> None:
    answer = add(admin, "k1").json
    assert answer is not None
    code: str = answer["code"]
    with world.store.read() as tx:
        kept = tx.scalars(select(AnswerRow)).one()
    assert kept.sealed is not None
    assert code not in kept.sealed


@pytest.mark.parametrize("key", ["", "x" * 256, "ümlaut"])
def test_a_key_nobody_could_mean_is_refused(admin: Caller, key: str) -> None:
    assert add(admin, key).status_code == 400
