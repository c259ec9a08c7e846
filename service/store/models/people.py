"""Who may use the web app and the API, their sessions and tokens, and what they did."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from service.store.models.base import Base, Numbered
from service.store.models.text import LongWords, Sealed, Words


class UserRow(Numbered):
    """A person. `email` is folded to lower case; without `password_hash` they cannot sign in with a password.

    `oidc_subject` is who they are to `oidc_issuer` since they first signed in there: an address can be given to another
    person, a subject never is. `review` is how they get the weekly review: email, slack or off. `review_slack` is
    ciphertext.
    """

    __tablename__ = "users"
    __table_args__ = (
        CheckConstraint("role IN ('admin','manager','rep','viewer')", name="role"),
        Index("uq_users_oidc", "oidc_issuer", "oidc_subject", unique=True),
    )

    email: Mapped[str] = mapped_column(String(255), unique=True)
    name: Mapped[str] = mapped_column(Words(255), default="")
    role: Mapped[str] = mapped_column(String(20))
    password_hash: Mapped[str | None] = mapped_column(String(255))
    is_active: Mapped[bool] = mapped_column(default=True)
    zone: Mapped[str] = mapped_column(String(64), default="")
    locale: Mapped[str] = mapped_column(String(20), default="")
    review: Mapped[str] = mapped_column(String(10), default="off", server_default="off")
    review_slack: Mapped[str | None] = mapped_column(Sealed)
    created_at: Mapped[datetime]
    signed_in_at: Mapped[datetime | None]
    oidc_issuer: Mapped[str | None] = mapped_column(String(500))
    oidc_subject: Mapped[str | None] = mapped_column(String(255))


class UserOwnerRow(Base):
    """Which of a CRM's owners a person is, where their e-mail addresses do not say it."""

    __tablename__ = "user_owners"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id", ondelete="CASCADE"), primary_key=True)
    owner_id: Mapped[str] = mapped_column(String(64))


class SessionRow(Base):
    """A signed-in browser. Its cookie holds the token; here stands only the token's SHA-256."""

    __tablename__ = "sessions"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]


class ApiTokenRow(Numbered):
    """A bearer token of a person. It may do what its scopes and the person's role both allow."""

    __tablename__ = "api_tokens"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(Words(100))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    scopes: Mapped[list[Any]]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class InvitationRow(Base):
    """A one-time code: the first set-up (no `user_id`), or a person's way to set a password."""

    __tablename__ = "invitations"

    code_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class SignInFailureRow(Numbered):
    """A refused sign-in, so that guessing is slowed on every server at once. `subject` is a hash."""

    __tablename__ = "sign_in_failures"
    __table_args__ = (Index("ix_sign_in_failures_subject_at", "subject", "at"),)

    subject: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]


class ActionRow(Numbered):
    """The audit log: what a person did here, in words. Never changed."""

    __tablename__ = "actions"
    __table_args__ = (Index("ix_actions_at", "at"),)

    at: Mapped[datetime]
    who: Mapped[str] = mapped_column(Words(255))
    what: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(Words(255), default="")
    says: Mapped[str] = mapped_column(LongWords, default="")
