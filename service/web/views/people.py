"""People: adding, inviting, roles, switching off; API tokens; the audit log."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from service.deeds import people as deeds
from service.errors import UsageFault
from service.people.roles import Right, Role, Scope
from service.store import people as stored
from service.web.who import person, product, requires


def add_to(site: Blueprint) -> None:
    """The routes."""
    site.add_url_rule("/people", "people", people)
    site.add_url_rule("/people/add", "people_add", add, methods=["POST"])
    site.add_url_rule("/people/change", "people_change", change, methods=["POST"])
    site.add_url_rule("/people/owner", "people_owner", be_owner, methods=["POST"])
    site.add_url_rule("/people/token", "people_token", make_token, methods=["POST"])
    site.add_url_rule("/people/token/<int:token_id>/revoke", "people_revoke", revoke, methods=["POST"])


@requires(Right.MANAGE_PEOPLE)
def people(secret: tuple[str, str] | None = None) -> str:
    """Everybody, their tokens, and who did what. `secret`: a code or token, shown this once, and whose."""
    with product().store.read() as tx:
        rows, tokens, actions = stored.all_users(tx), stored.api_tokens(tx), stored.actions(tx, limit=10)
        ties, owners = stored.ties(tx), stored.active_owners(tx)
    return render_template(
        "people.html",
        rows=rows,
        tokens=tokens,
        actions=actions,
        ties=ties,
        owners=owners,
        roles=list(Role),
        scopes=list(Scope),
        secret=secret,
    )


@requires(Right.MANAGE_PEOPLE)
def add() -> str | BaseResponse:
    """Add a person and show the code with which they set a password."""
    app = product()
    email = request.form.get("email", "")
    name = request.form.get("name", "")
    user, code = deeds.add_person(app, email=email, name=name, role=_role(), who=person().email)
    return people(secret=(f"The one-time code of {user.email}", code))


@requires(Right.MANAGE_PEOPLE)
def change() -> str | BaseResponse:
    """Another role, a new invitation, on or off."""
    app, who = product(), person().email
    verb, email = request.form.get("verb", ""), request.form.get("email", "")
    if verb == "invite":
        user, code = deeds.invite_again(app, email, who=who)
        return people(secret=(f"The one-time code of {user.email}", code))
    if verb == "role":
        user = deeds.change_person(app, email, role=_role(), who=who)
    elif verb in ("on", "off"):
        user = deeds.change_person(app, email, is_active=verb == "on", who=who)
    else:
        raise UsageFault("Nothing was chosen to do.", remedy="Use one of the buttons.")
    flash(f"{user.email}: saved.")
    return redirect(url_for("site.people"), code=303)


@requires(Right.MANAGE_PEOPLE)
def be_owner() -> BaseResponse:
    """Say which user of a connection's CRM a person is; without one, as their e-mail address says."""
    connection, _, owner_id = request.form.get("owner", "").partition(":")
    email = request.form.get("email", "")
    deeds.be_owner(product(), email, connection, owner_id or None, who=person().email)
    flash(f"{email}: saved.")
    return redirect(url_for("site.people"), code=303)


@requires(Right.MANAGE_PEOPLE)
def make_token() -> str | BaseResponse:
    """A new API token, shown this once."""
    app = product()
    scopes = [Scope(text) for text in request.form.getlist("scope") if text in set(Scope)]
    email, name = request.form.get("email", ""), request.form.get("name", "")
    user, token = deeds.make_token(app, email, name=name, scopes=scopes, who=person().email)
    return people(secret=(f"The API token of {user.email}", token))


@requires(Right.MANAGE_PEOPLE)
def revoke(token_id: int) -> BaseResponse:
    """Refuse a token from now on."""
    deeds.revoke_token(product(), token_id, who=person().email)
    flash("The token is revoked.")
    return redirect(url_for("site.people"), code=303)


def _role() -> Role:
    given = request.form.get("role", "")
    if given not in set(Role):
        raise UsageFault(f"{given!r} is no role.", remedy=f"Roles are: {', '.join(Role)}.")
    return Role(given)
