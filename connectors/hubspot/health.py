"""What `doctor` wants to know of a portal: each thing that has to work, tried, with the remedy where it does not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from connectors.base import Health, HealthCheck, Role, Settings
from connectors.errors import ConnectorError, MissingPermission
from connectors.fields import WRITTEN, missing_fields
from connectors.hubspot.client import HubSpotClient
from connectors.hubspot.portal import Portal

# What each scope is for: scope, the object type whose list proves it, and what is lost without it.
# https://developers.hubspot.com/docs/apps/developer-platform/build-apps/authentication/scopes
READS = (
    ("crm.objects.deals.read", "deals", "closed-lost deals cannot be read"),
    ("crm.objects.companies.read", "companies", "follow-ups know no country, fiscal year or account name"),
    ("crm.objects.contacts.read", "contacts", "opt-outs are not seen, and tasks cannot be read back"),
)
TASKS_SCOPE = "crm.objects.contacts.write"  # tasks have no scope of their own
DEALS_SCOPE = "crm.objects.deals.write"
OWNERS_SCOPE = "crm.objects.owners.read"


class HealthChecks:
    """Tries one portal. Nothing is changed by it: rights to write are tried with empty batches."""

    def __init__(self, client: HubSpotClient, portal: Portal, settings: Settings) -> None:
        self._client = client
        self._portal = portal
        self._settings = settings

    def run(self) -> Health:
        """All checks; where the token or the address does not work, that alone."""
        try:
            account_id = self._portal.checked_id()
        except ConnectorError as error:
            return Health(checks=(HealthCheck(check="token", ok=False, says=str(error)),))
        checks = (
            HealthCheck(check="token", ok=True, says="HubSpot accepts the token."),
            self._portal_check(account_id),
            *self._scopes(),
            self._stages(),
            self._fields(),
        )
        return Health(checks=checks, account_id=account_id)

    def _portal_check(self, account_id: str) -> HealthCheck:
        expected = self._settings.account_id
        if expected and expected != account_id:
            return HealthCheck(
                check="portal",
                ok=False,
                says=f"The token belongs to portal {account_id}, the connection to {expected}. "
                "Enter a token of the connection's own portal.",
            )
        return HealthCheck(check="portal", ok=True, says=f"Portal {account_id}, time zone {self._portal.zone.key}.")

    def _scopes(self) -> Iterator[HealthCheck]:
        paths = self._client.paths
        one = {"limit": "1"}
        for scope, object_type, cost in READS:
            path = paths.objects(object_type)
            yield _tried(f"scope {scope}", cost, lambda path=path: self._client.get(path, kind="describe", query=one))  # type: ignore[misc]
        yield _tried(
            f"scope {OWNERS_SCOPE}",
            "tasks go to the fallback owner",
            lambda: self._client.get(paths.owners, kind="describe", query=one),
        )
        yield self._may_write(TASKS_SCOPE, paths.batch("tasks", "create"), "no task can be written")
        if any(self._settings.fields.get(role) for role in WRITTEN):
            path = paths.batch("deals", "update")
            yield self._may_write(DEALS_SCOPE, path, "category and next follow-up are not written to deals")

    def _may_write(self, scope: str, path: str, cost: str) -> HealthCheck:
        """An empty batch is refused for its emptiness where the right is there, for the scope where it is not."""
        try:
            self._client.read(path, {"inputs": []}, kind="describe")
        except MissingPermission as error:
            return HealthCheck(check=f"scope {scope}", ok=False, says=f"Without it {cost}. {error.remedy}")
        except ConnectorError as error:
            if error.reason not in {"rejected", "gone"}:
                return HealthCheck(check=f"scope {scope}", ok=False, says=str(error))
        return HealthCheck(check=f"scope {scope}", ok=True, says="Granted.")

    def _stages(self) -> HealthCheck:
        try:
            lost = self._portal.lost_stages()
        except ConnectorError as error:
            return HealthCheck(check="stages", ok=False, says=str(error))
        if not lost:
            return HealthCheck(
                check="stages",
                ok=False,
                says="No pipeline has a closed stage with a probability of 0 %. Mark one as Lost in HubSpot.",
            )
        return HealthCheck(check="stages", ok=True, says=f"{len(lost)} closed-lost stage(s).")

    def _fields(self) -> HealthCheck:
        try:
            infos = self._portal.field_infos()
        except ConnectorError as error:
            return HealthCheck(check="fields", ok=False, says=str(error))
        missing = [f"{name} ({role.value})" for role, name in missing_fields(self._settings.fields, infos)]
        missing = [each for each in missing if not each.startswith("contact.")]
        read_only = _read_only(self._settings, {info.name for info in infos if info.writable})
        if missing or read_only:
            says = "; ".join([*(f"{each} does not exist" for each in missing), *read_only])
            return HealthCheck(check="fields", ok=False, says=f"{says}. Map others with --field ROLE=PROPERTY.")
        if not self._settings.fields.get(Role.REASON):
            return HealthCheck(check="fields", ok=False, says="No loss reason is mapped. Use --field reason=PROPERTY.")
        return HealthCheck(check="fields", ok=True, says="All mapped fields exist.")


def _read_only(settings: Settings, writable: set[str]) -> Sequence[str]:
    names = [name for role in WRITTEN for name in settings.fields.get(role, ())]
    return [f"{name} cannot be written" for name in names if name not in writable]


def _tried(check: str, cost: str, attempt: Callable[[], object]) -> HealthCheck:
    try:
        attempt()
    except ConnectorError as error:
        return HealthCheck(check=check, ok=False, says=f"Without it {cost}. {error}")
    return HealthCheck(check=check, ok=True, says="Granted.")
