"""The two editable documents, and what is done to both in the same way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any

from mappings.documents.mapping_diff import changed_entries
from mappings.documents.mapping_set import MappingSet, parse_mapping_set
from mappings.documents.policy import Policy, parse_policy
from mappings.documents.policy_diff import changed_settings
from service.store.models import MappingSetRow, PolicyRow


class Kind(StrEnum):
    """Which document."""

    MAPPINGS = "mappings"
    POLICY = "policy"


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentKind:
    """One kind of document: what it is called, where its versions are, how it is read and compared."""

    kind: Kind
    label: str
    rows: type[MappingSetRow | PolicyRow]
    version_of: Callable[[str], str]
    differences: Callable[[str, str], tuple[Difference, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One entry or setting that differs: by its name, before and after (None: not there), and as one line."""

    path: str
    before: Any
    after: Any
    says: str


@lru_cache(maxsize=16)
def mapping_set_of(text: str) -> MappingSet:
    """The mapping set of a document. Raises DocumentError."""
    return parse_mapping_set(text)


@lru_cache(maxsize=16)
def policy_of(text: str) -> Policy:
    """The policy of a document. Raises DocumentError."""
    return parse_policy(text)


def _mapping_differences(old: str, new: str) -> tuple[Difference, ...]:
    return _differences(changed_entries(mapping_set_of(old), mapping_set_of(new)))


def _policy_differences(old: str, new: str) -> tuple[Difference, ...]:
    return _differences(changed_settings(policy_of(old), policy_of(new)))


def _differences(changes: Sequence[Any]) -> tuple[Difference, ...]:
    return tuple(Difference(path=one.path, before=one.before, after=one.after, says=str(one)) for one in changes)


KINDS = {
    Kind.MAPPINGS: DocumentKind(
        kind=Kind.MAPPINGS,
        label="mapping set",
        rows=MappingSetRow,
        version_of=lambda text: mapping_set_of(text).version,
        differences=_mapping_differences,
    ),
    Kind.POLICY: DocumentKind(
        kind=Kind.POLICY,
        label="policy",
        rows=PolicyRow,
        version_of=lambda text: policy_of(text).version,
        differences=_policy_differences,
    ),
}
