"""What is known of a portal: its id, zone and currency, its stages and fields. Asked for once, when first needed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import date, datetime
from itertools import chain
from zoneinfo import ZoneInfo

from connectors.base import FieldInfo, FieldMap, Owner, Settings, Stage
from connectors.errors import ConnectorError, MissingPermission, Unsupported
from connectors.hubspot.answers import Json
from connectors.hubspot.batches import OPTIONAL
from connectors.hubspot.client import HubSpotClient
from connectors.hubspot.definitions import field_info, labels_of, owner_of, stages_of
from connectors.hubspot.identity import is_mark, is_same, marks_of
from connectors.hubspot.opt_outs import EMAIL_OPT_OUT, LEAVE_ALONE
from connectors.hubspot.pacing import known_zone
from connectors.hubspot.queries import COMPANY_PROPERTIES, COUNTRY_CODES, DEAL_PROPERTIES, LIST_LIMIT, next_cursor
from connectors.hubspot.records import COMPANY, CONTACT, DealFields
from connectors.hubspot.tasks import rows_of
from connectors.hubspot.values import text_of

# How many stages beyond the lost ones are asked for by the day they were entered: an address has its limit.
MOST_STAGES = 40
CURRENT_STAGE = "hs_v2_date_entered_current_stage"


class Portal:
    """One portal. `warnings` collects what could not be asked for."""

    def __init__(self, client: HubSpotClient, settings: Settings) -> None:
        self._client = client
        self._settings = settings
        self._details: Json | None = None
        self._pipelines: list[Json] | None = None
        self._owners: tuple[Owner, ...] | None = None
        self._definitions: dict[str, dict[str, Json] | None] = {}
        self._unknown_stages: set[str] = set()
        self._fields: DealFields | None = None
        self._fields_stem_from: list[Json] | None = None
        self._told: set[str] = set()
        self.warnings: list[str] = []

    def warn(self, says: str) -> None:
        """Keep a warning for the next page or description, once."""
        if says not in self._told:
            self._told.add(says)
            self.warnings.append(says)

    @property
    def account_id(self) -> str:
        """The portal's id; a mark of the portal where HubSpot does not tell it, or did not when it was connected."""
        known = self._known
        if known and is_mark(known):
            return known
        return str(self.details.get("portalId") or known or self.marks[0])

    @property
    def marks(self) -> tuple[str, ...]:
        """What the portal can be known by beside its id; the best first. Costs the owners and the pipelines."""
        return marks_of((owner.id for owner in self.owners), self.pipelines, token=self._client.token_text)

    @property
    def _known(self) -> str | None:
        return self._settings.account_id or self._settings.known_as

    def checked_id(self) -> str:
        """The account's id; another than the settings' where the token belongs to another portal."""
        known = self._known
        if known and is_mark(known):
            return known if is_same(known, self.marks) else str(self.details.get("portalId") or self.marks[0])
        return self.account_id

    @property
    def owners(self) -> tuple[Owner, ...]:
        """Owners, the deactivated ones too: old deals and tasks name them. None where they may not be read."""
        if self._owners is None:
            self._owners = self._fetch_owners()
        return self._owners

    def _fetch_owners(self) -> tuple[Owner, ...]:
        owners: dict[str, Owner] = {}
        try:
            for archived in ("false", "true"):
                for owner in self._owner_pages(archived):
                    owners.setdefault(owner.id, owner)
        except OPTIONAL as error:
            self.warn(f"Owners cannot be read; tasks go to the fallback owner. {error}")
        return tuple(owners.values())

    def _owner_pages(self, archived: str) -> Iterator[Owner]:
        query = {"limit": str(LIST_LIMIT), "archived": archived}
        while True:
            told = self._client.get(self._client.paths.owners, kind="describe", query=query)
            for row in rows_of(told, "results"):
                yield owner_of({**row, "archived": row.get("archived", archived == "true")})
            after = next_cursor(told)
            if not after:
                return
            query = {**query, "after": after}

    @property
    def zone(self) -> ZoneInfo:
        """The portal's zone; the configured one where the portal does not tell."""
        return known_zone(text_of(self.details.get("timeZone"))) or known_zone(self._settings.zone) or ZoneInfo("UTC")

    @property
    def currency(self) -> str | None:
        """The portal's home currency."""
        return text_of(self.details.get("companyCurrency")) or None

    @property
    def details(self) -> Json:
        """The account's details; where they may not be read, its id from the settings or the token alone."""
        if self._details is None:
            self._details = self._fetch_details()
        return self._details

    def _fetch_details(self) -> Json:
        details: Json = {}
        for path in self._client.paths.account_details:
            try:
                details = self._client.get(path, kind="describe")
                break
            except Unsupported as error:
                refusal: ConnectorError = error
            except OPTIONAL as error:
                refusal = error
                break
        if not details:
            self.warnings.append(
                f"The portal's details cannot be read; its zone is taken as configured. {refusal.what}"
            )
        if details.get("portalId") or self._known:
            return details
        with suppress(*OPTIONAL):
            details["portalId"] = self._client.token_info(kind="describe").get("hubId")
        if not details.get("portalId"):
            self._must_speak_crm()
            self.warn("HubSpot does not tell which portal the token belongs to; it is known by a mark of its own.")
        return details

    def _must_speak_crm(self) -> None:
        """Raises where nothing at the address is HubSpot's: then the address is wrong, not the token."""
        try:
            self.stages()
        except OPTIONAL as error:
            what = f"{self._client.where}: HubSpot does not tell which portal the token belongs to."
            raise MissingPermission(what, remedy="Let it read the account's details, or check --api-url.") from error

    # --- stages ---------------------------------------------------------------------------------------------

    @property
    def pipelines(self) -> list[Json]:
        """The deal pipelines as HubSpot tells them."""
        if self._pipelines is None:
            self._pipelines = rows_of(
                self._client.get(self._client.paths.pipelines("deals"), kind="describe"), "results"
            )
        return self._pipelines

    def stages(self) -> dict[str, Stage]:
        """Stages by id."""
        return stages_of(self.pipelines)

    def meet_stages(self, ids: Iterable[str]) -> None:
        """Ask again for the stages when one turns up that is not known, once for each."""
        unknown = set(filter(None, ids)) - self.stages().keys() - self._unknown_stages
        if unknown:
            self._pipelines = None
            self._unknown_stages |= unknown - self.stages().keys()

    def lost_stages(self) -> list[str]:
        """The ids of the closed-lost stages of all pipelines."""
        return [stage.id for stage in self.stages().values() if stage.is_lost]

    # --- properties -----------------------------------------------------------------------------------------

    def definitions(self, object_type: str) -> dict[str, Json] | None:
        """Property definitions by name, or None where they may not be read."""
        if object_type not in self._definitions:
            self._definitions[object_type] = self._fetch_definitions(object_type)
        return self._definitions[object_type]

    def _fetch_definitions(self, object_type: str) -> dict[str, Json] | None:
        try:
            told = self._client.get(self._client.paths.properties(object_type), kind="describe")
        except OPTIONAL as error:
            self.warn(f"The properties of {object_type} cannot be read. {error.what}")
            return None
        return {text_of(row.get("name")): row for row in rows_of(told, "results")}

    def field_infos(self) -> tuple[FieldInfo, ...]:
        """The fields of deals, and those of companies under `company.`."""
        deals = self.definitions("deals") or {}
        companies = self.definitions("companies") or {}
        return (
            *(field_info(name, row) for name, row in deals.items()),
            *(field_info(f"{COMPANY}{name}", row, is_ours=False) for name, row in companies.items()),
        )

    def roles(self) -> FieldMap:
        """The mapped fields that the portal has. One that has vanished is left out, with a warning."""
        return {
            role: tuple(name for name in names if self._has_field(name))
            for role, names in self._settings.fields.items()
        }

    def _has_field(self, name: str) -> bool:
        object_type, bare = split_name(name)
        definitions = self.definitions(object_type)
        if definitions is None or bare in definitions:
            return True
        self.warn(f"The mapped field {name} does not exist in HubSpot (any more) and is left out.")
        return False

    def deal_properties(self) -> tuple[str, ...]:
        """The deal properties that a read asks for."""
        mapped = [name for names in self.roles().values() for name in names if split_name(name)[0] == "deals"]
        names = (*DEAL_PROPERTIES, *mapped, *self.entered().values(), CURRENT_STAGE)
        return tuple(dict.fromkeys(names))

    def company_properties(self) -> tuple[str, ...]:
        """The company properties that a read asks for."""
        codes = [name for name in COUNTRY_CODES if name in (self.definitions("companies") or {})]
        return tuple(dict.fromkeys((*COMPANY_PROPERTIES, *codes, *self._mapped("companies"))))

    def contact_properties(self) -> tuple[str, ...]:
        """The contact properties that a read asks for."""
        return tuple(dict.fromkeys((*self.opt_outs(), *self._mapped("contacts"))))

    def _mapped(self, object_type: str) -> list[str]:
        split = [split_name(name) for names in self.roles().values() for name in names]
        return [bare for kind, bare in split if kind == object_type]

    def opt_outs(self) -> tuple[str, ...]:
        """The contact properties that mean a person does not want to be written to or called."""
        definitions = self.definitions("contacts")
        if definitions is None:
            return (EMAIL_OPT_OUT,)
        return tuple(name for name in definitions if LEAVE_ALONE.fullmatch(name))

    def entered(self) -> dict[str, str]:
        """By stage id the property that holds the day it was entered; always for the lost stages."""
        definitions = self.definitions("deals") or {}
        found: dict[str, str] = {}
        for stage in sorted(self.stages().values(), key=lambda stage: not (stage.is_lost or stage.is_won)):
            usual = f"hs_v2_date_entered_{stage.id}"
            names = (usual, usual.lower(), usual.lower().replace("-", "_"), f"hs_date_entered_{stage.id}")
            defined = next((name for name in names if name in definitions), None)
            if defined or stage.is_lost:
                found[stage.id] = defined or usual
            if len(found) >= MOST_STAGES:
                break
        return found

    def deal_fields(self, now: datetime) -> DealFields:
        """All that is needed to understand this portal's deals, as of now."""
        today = _today(now, self.zone)
        if self._fields is None or self._fields.today != today or self._fields_stem_from is not self.pipelines:
            self._fields, self._fields_stem_from = self._build_fields(today), self.pipelines
        return self._fields

    def _build_fields(self, today: date) -> DealFields:
        roles = self.roles()
        definitions = {
            **(self.definitions("deals") or {}),
            **{f"{COMPANY}{name}": row for name, row in (self.definitions("companies") or {}).items()},
        }
        return DealFields(
            account_id=self.account_id,
            zone=self.zone,
            today=today,
            roles=roles,
            stages=self.stages(),
            pipelines={text_of(row.get("id")): text_of(row.get("label")) for row in self.pipelines},
            entered=self.entered(),
            labels={name: labels_of(row) for name, row in definitions.items() if row.get("options")},
            plain_days=frozenset(name for name, row in definitions.items() if row.get("type") == "date"),
            rich_texts=frozenset(name for name, row in definitions.items() if row.get("fieldType") == "html"),
            opt_outs=self.opt_outs(),
            currency=self.currency,
            unread=tuple(sorted({*chain(*self._settings.fields.values())} - {*chain(*roles.values())})),
        )


def _today(now: datetime, zone: ZoneInfo) -> date:
    return now.astimezone(zone).date()


def split_name(name: str) -> tuple[str, str]:
    """The kind of record a mapped name is of, and the property's own name."""
    if name.startswith(COMPANY):
        return "companies", name[len(COMPANY) :]
    if name.startswith(CONTACT):
        return "contacts", name[len(CONTACT) :]
    return "deals", name
