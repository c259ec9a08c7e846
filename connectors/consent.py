"""What a CRM says of whether people want to be contacted: read again before a task is written and when it falls due.

One rule for every CRM. A task is for a rep, who may write or call, so a person is closed once every way is: each of
their flags that the CRM lets us read says no. A way whose flag cannot be read, or that the CRM has no flag for, is not
taken for open: where e-mail is all that a person can be opted out of, that alone closes them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from mappings.model import DealKey


class Channel(StrEnum):
    """A way to a person that a written task may ask a rep to take."""

    EMAIL = "email"
    PHONE = "phone"
    ANY = "any"


@dataclass(frozen=True, slots=True, kw_only=True)
class OptOut:
    """One flag as read: the CRM's field, the channel it closes, and whether it is set."""

    field: str
    channel: Channel
    is_set: bool


@lru_cache(maxsize=1_000)
def opt_out(field: str, channel: Channel, is_set: bool) -> OptOut:
    """A flag. There are few, and every deal has some."""
    return OptOut(field=field, channel=channel, is_set=is_set)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactConsent:
    """One person's flags, those that could be read."""

    contact_id: str
    flags: tuple[OptOut, ...] = ()

    @property
    def is_closed(self) -> bool:
        """Whether no way to them is left."""
        if not any(flag.is_set for flag in self.flags):
            return False
        told = {flag.channel for flag in self.flags if flag.channel is not Channel.ANY}
        closed = self.closed
        return Channel.ANY in closed or (bool(closed) and told <= closed)

    @property
    def closed(self) -> frozenset[Channel]:
        """The channels they opted out of."""
        return frozenset(flag.channel for flag in self.flags if flag.is_set)


@dataclass(frozen=True, slots=True, kw_only=True)
class DealConsent:
    """What was read for one deal: the flags mapped on the deal or its account (`own`), and those of the people its task
    would be about. `is_known` is False where the people could not be read."""

    key: DealKey
    own: tuple[OptOut, ...] = ()
    contacts: tuple[ContactConsent, ...] = ()
    is_known: bool = True

    @property
    def is_closed(self) -> bool:
        """Whether a task would ask a rep to contact somebody who wants no contact."""
        people = bool(self.contacts) and all(one.is_closed for one in self.contacts)
        return people or any(flag.is_set for flag in self.own)

    @property
    def closed(self) -> frozenset[Channel]:
        """The channels that are closed to everybody the task would be about."""
        each = [one.closed for one in self.contacts if not one.is_closed] or [one.closed for one in self.contacts]
        return frozenset.intersection(*each) if each else frozenset()
