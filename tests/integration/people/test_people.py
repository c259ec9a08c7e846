"""People, their sessions and tokens, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from service.errors import UsageFault
from service.people import sessions, users
from service.people.roles import Right, Role, Scope
from service.store.models import ActionRow, ApiTokenRow, OwnerRow, SessionRow, UserRow
from service.store.people import choose_owner
from service.store.session import Store
from tests.integration.world import World

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
PASSWORD = "seven maple lanterns"


@pytest.fixture
def admin(store: Store) -> UserRow:
    """The first person, made through the set-up."""
    with store.begin() as tx:
        code = users.setup_code(tx, now=NOW)
        return users.set_up(tx, code=code.lower(), email="Ada@Example.com", name="Ada", password=PASSWORD, now=NOW)


def add(store: Store, email: str, role: Role) -> UserRow:
    with store.begin() as tx:
        return users.add_user(tx, email=email, name="", role=role, who="ada@example.com", now=NOW, password=PASSWORD)


class TestSetUp:
    def test_the_code_of_the_terminal_makes_the_first_admin(self, admin: UserRow) -> None:
        assert (admin.email, admin.role) == ("ada@example.com", "admin")

    def test_a_second_set_up_is_refused(self, store: Store, admin: UserRow) -> None:
        with store.begin() as tx, pytest.raises(UsageFault, match="set-up is done"):
            users.setup_code(tx, now=NOW)

    def test_a_newer_code_ends_the_older(self, store: Store) -> None:
        with store.begin() as tx:
            first = users.setup_code(tx, now=NOW)
            users.setup_code(tx, now=NOW)
        with store.begin() as tx, pytest.raises(UsageFault, match="wrong, used or too old"):
            users.set_up(tx, code=first, email="a@example.com", name="", password=PASSWORD, now=NOW)

    def test_a_code_is_too_old_after_three_days(self, store: Store) -> None:
        with store.begin() as tx:
            code = users.setup_code(tx, now=NOW)
        late = NOW + timedelta(days=3)
        with store.begin() as tx, pytest.raises(UsageFault, match="too old"):
            users.set_up(tx, code=code, email="a@example.com", name="", password=PASSWORD, now=late)

    @pytest.mark.parametrize("weak", ["short", "password1234567", "adaadaadaada1", "aaaaaaaaaaaaaaaa"])
    def test_a_weak_password_leaves_the_code_usable(self, store: Store, weak: str) -> None:
        with store.begin() as tx:
            code = users.setup_code(tx, now=NOW)
        with pytest.raises(UsageFault), store.begin() as tx:
            users.set_up(tx, code=code, email="adaada@example.com", name="", password=weak, now=NOW)
        with store.begin() as tx:
            user = users.set_up(tx, code=code, email="ada@example.com", name="", password=PASSWORD, now=NOW)
        assert user.role == "admin"


class TestSessions:
    def test_a_password_opens_a_session_that_ends_when_idle(self, store: Store, admin: UserRow) -> None:
        with store.begin() as tx:
            user = sessions.find_by_password(tx, email="ADA@example.com", password=PASSWORD)
            assert user is not None
            token = sessions.sign_in(tx, user, now=NOW)

        with store.read() as tx:
            there = sessions.who_is(tx, token, now=NOW + timedelta(hours=11))
            gone = sessions.who_is(tx, token, now=NOW + timedelta(hours=13))

        assert there is not None
        assert there.person.email == "ada@example.com"
        assert gone is None

    def test_a_session_in_use_ends_after_a_week(self, store: Store, admin: UserRow) -> None:
        with store.begin() as tx:
            token = sessions.sign_in(tx, admin, now=NOW)
            sessions.mark_seen(tx, token, now=NOW + timedelta(days=8))

        with store.read() as tx:
            assert sessions.who_is(tx, token, now=NOW + timedelta(days=8)) is None

    def test_the_database_never_holds_a_session_token(self, store: Store, admin: UserRow) -> None:
        with store.begin() as tx:
            token = sessions.sign_in(tx, admin, now=NOW)

        with store.read() as tx:
            assert token not in tx.scalars(select(SessionRow.token_hash)).all()

    def test_switching_a_person_off_ends_sessions_and_tokens(self, store: Store, admin: UserRow) -> None:
        rep = add(store, "rep@example.com", Role.REP)
        with store.begin() as tx:
            token = sessions.sign_in(tx, rep, now=NOW)
            key = sessions.make_api_token(tx, rep, name="script", scopes=[Scope.READ], who="ada", now=NOW)
        with store.begin() as tx:
            users.switch_off(tx, tx.merge(rep), who="ada@example.com", now=NOW)

        with store.read() as tx:
            assert sessions.who_is(tx, token, now=NOW) is None
            assert sessions.bearer(tx, key, now=NOW) is None
            assert sessions.find_by_password(tx, email=rep.email, password=PASSWORD) is None

    def test_too_many_tries_are_refused_for_a_quarter_of_an_hour(self, store: Store, admin: UserRow) -> None:
        with store.begin() as tx:
            for _ in range(10):
                sessions.check_tries(tx, email=admin.email, place="192.0.2.1", now=NOW)
                sessions.note_failure(tx, email=admin.email, place="192.0.2.1", now=NOW)

        with store.begin() as tx, pytest.raises(sessions.SignInError, match="Too many"):
            sessions.check_tries(tx, email=admin.email.upper(), place="192.0.2.9", now=NOW)
        with store.begin() as tx:
            sessions.check_tries(tx, email=admin.email, place="192.0.2.9", now=NOW + timedelta(minutes=16))
            sessions.check_tries(tx, email="other@example.com", place="192.0.2.1", now=NOW)


class TestRights:
    def test_the_last_admin_stays(self, store: Store, admin: UserRow) -> None:
        with store.begin() as tx, pytest.raises(UsageFault, match="only admin"):
            users.switch_off(tx, tx.merge(admin), who="ada@example.com", now=NOW)
        with store.begin() as tx, pytest.raises(UsageFault, match="only admin"):
            users.change_role(tx, tx.merge(admin), Role.REP, who="ada@example.com", now=NOW)

    def test_a_token_may_do_what_both_its_scopes_and_the_role_allow(self, store: Store, admin: UserRow) -> None:
        rep = add(store, "rep@example.com", Role.REP)
        with store.begin() as tx:
            key = sessions.make_api_token(
                tx, rep, name="script", scopes=[Scope.READ, Scope.MAPPINGS], who="ada", now=NOW, days=1
            )

        with store.read() as tx:
            person = sessions.bearer(tx, key, now=NOW)
            later = sessions.bearer(tx, key, now=NOW + timedelta(days=1))

        assert person is not None
        assert person.rights == {Right.SEE_OWN}
        assert later is None

    def test_a_rep_sees_the_deals_of_the_crm_owner_with_their_address(self, world: World, admin: UserRow) -> None:
        rep = add(world.store, "rep@example.com", Role.REP)
        with world.store.begin() as tx:
            owner = tx.scalars(select(OwnerRow)).first()
            assert owner is not None
            owner.email = "Rep@Example.com"
            token = sessions.sign_in(tx, rep, now=NOW)
        with world.store.read() as tx:
            seen = sessions.who_is(tx, token, now=NOW)

        assert seen is not None
        assert seen.person.may_see(owner.connection_id, owner.owner_id)
        assert not seen.person.may_see(owner.connection_id, "somebody else")

    def test_an_admin_can_say_who_a_person_is_in_the_crm(self, world: World, admin: UserRow) -> None:
        rep = add(world.store, "rep@example.com", Role.REP)
        with world.store.begin() as tx:
            connection_id = tx.scalars(select(OwnerRow.connection_id)).first()
            assert connection_id is not None
            choose_owner(tx, user_id=rep.id, connection_id=connection_id, owner_id="005X")
            token = sessions.sign_in(tx, rep, now=NOW)
        with world.store.read() as tx:
            seen = sessions.who_is(tx, token, now=NOW)

        assert seen is not None
        assert seen.person.owner_ids == {connection_id: "005X"}

    def test_what_people_do_stands_in_the_audit_log(self, store: Store, admin: UserRow) -> None:
        with store.begin() as tx:
            key = sessions.make_api_token(tx, admin, name="script", scopes=[Scope.READ], who=admin.email, now=NOW)
        with store.begin() as tx:
            row = tx.scalars(select(ApiTokenRow)).one()
            sessions.revoke_api_token(tx, row, who=admin.email, now=NOW)

        with store.read() as tx:
            assert [(row.who, row.what) for row in tx.scalars(select(ActionRow).order_by(ActionRow.id))] == [
                ("ada@example.com", "added"),
                ("ada@example.com", "token made"),
                ("ada@example.com", "token revoked"),
            ]
            assert sessions.bearer(tx, key, now=NOW) is None
