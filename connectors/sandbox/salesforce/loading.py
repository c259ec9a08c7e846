"""Puts a book of deals into an org."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from connectors.sandbox.book import Book, BookAccount, BookContact, BookDeal, BookUser
from connectors.sandbox.salesforce.catalogue import OPEN_STAGES, TASK_STATUSES
from connectors.sandbox.salesforce.settings import OrgSettings
from connectors.sandbox.salesforce.store import Record, Store, stamp

COUNTRY_NAMES = {
    "US": "United States", "DE": "Germany", "GB": "United Kingdom", "FR": "France", "ES": "Spain", "IT": "Italy",
    "NL": "Netherlands", "BR": "Brazil", "JP": "Japan", "AU": "Australia", "IN": "India", "AT": "Austria",
}  # fmt: skip
_MADE_AT = datetime(2021, 1, 4, 9, 0, tzinfo=UTC)


class Loader:
    """Writes one book into one store; remembers which number became which id."""

    def __init__(self, store: Store, settings: OrgSettings, book: Book) -> None:
        self.store = store
        self.settings = settings
        self.book = book
        self.users: dict[int, str] = {}
        self.accounts: dict[int, str] = {}
        self.contacts: dict[int, str] = {}
        self.deals: dict[int, str] = {}
        self.robot = ""
        self._blanks: dict[str, Record] = {}

    def load(self) -> None:
        """Everything, in the order in which it refers to each other."""
        self._people()
        self._company()
        for account in self.book.accounts:
            self._account(account)
        for contact in self.book.contacts:
            self._contact(contact)
        for deal in self.book.deals:
            self._deal(deal)

    def _system(self, name: str, made: datetime, changed: datetime | None = None, by: str = "") -> Record:
        record: Record = {"Id": self.store.new_id(name)}
        if "IsDeleted" in self.store.schema[name].fields:
            record["IsDeleted"] = False
        at = stamp(changed or made)
        by = by or self.robot
        return {
            **record, "CreatedDate": stamp(made), "CreatedById": by, "LastModifiedDate": at, "LastModifiedById": by,
            "SystemModstamp": at,
        }  # fmt: skip

    def _put(self, name: str, system: Record, values: Mapping[str, Any]) -> str:
        record: Record = {**self._blank(name), **system, **values}
        self.store.load(name, record)
        return str(record["Id"])

    def _blank(self, name: str) -> Record:
        if name not in self._blanks:
            fields = self.store.schema[name].fields.values()
            blank = {field.name: False if field.type == "boolean" else None for field in fields}
            currency = {"CurrencyIsoCode": self.book.currency} if "CurrencyIsoCode" in blank else {}
            self._blanks[name] = {**blank, **currency}
        return self._blanks[name]

    def _people(self) -> None:
        robot = BookUser(number=0, name="Rekindle Integration", email=self.settings.username, zone=self.book.zone)
        self.robot = self._user(robot)
        for user in self.book.users:
            self.users[user.number] = self._user(user)
        for user in self.book.users:
            if user.manager_number is not None:
                self.store.touch("User", self.users[user.number], {"ManagerId": self.users[user.manager_number]})

    def _user(self, user: BookUser) -> str:
        first, _, last = user.name.rpartition(" ")
        values = {
            "Username": user.email, "FirstName": first, "LastName": last, "Name": user.name, "Email": user.email,
            "IsActive": user.is_active, "ManagerId": None, "TimeZoneSidKey": user.zone, "UserType": "Standard",
            "ProfileId": "00eSb0000000001AAA", "DefaultCurrencyIsoCode": self.book.currency,
        }  # fmt: skip
        return self._put("User", self._system("User", _MADE_AT), values)

    def _company(self) -> None:
        organization = {
            "Name": self.settings.org_name, "TimeZoneSidKey": self.book.zone, "DefaultLocaleSidKey": "en_GB",
            "LanguageLocaleKey": "en_US", "OrganizationType": "Enterprise Edition", "InstanceName": "SBX1",
            "IsSandbox": False, "NamespacePrefix": None, "FiscalYearStartMonth": 1,
            "UsesStartDateAsFiscalYearName": False, "Country": "DE",
        }  # fmt: skip
        self._put("Organization", self._system("Organization", _MADE_AT), organization)
        closed = [(self.settings.won_stage, True), *((stage, False) for stage in self.settings.lost_stages)]
        stages = [(stage, False, False) for stage in OPEN_STAGES] + [(stage, True, won) for stage, won in closed]
        for order, (label, is_closed, is_won) in enumerate(stages, start=1):
            forecast = "Closed" if is_won else "Omitted" if is_closed else "Pipeline"
            values = {
                "MasterLabel": label, "ApiName": label, "IsActive": True, "IsClosed": is_closed, "IsWon": is_won,
                "ForecastCategory": forecast, "ForecastCategoryName": forecast, "SortOrder": order,
                "DefaultProbability": 100.0 if is_won else 0.0 if is_closed else 15.0 * order,
            }  # fmt: skip
            self._put("OpportunityStage", self._system("OpportunityStage", _MADE_AT), values)
        for order, label in enumerate(TASK_STATUSES, start=1):
            status = {
                "MasterLabel": label, "ApiName": label, "IsDefault": order == 1, "IsClosed": label == "Completed",
                "SortOrder": order,
            }  # fmt: skip
            self._put("TaskStatus", self._system("TaskStatus", _MADE_AT), status)
        for label in ("New Business", "Partner"):
            kind = {
                "Name": label, "DeveloperName": label.replace(" ", "_"), "SobjectType": "Opportunity", "IsActive": True
            }  # fmt: skip
            self._put("RecordType", self._system("RecordType", _MADE_AT), kind)

    def _account(self, account: BookAccount) -> None:
        country = account.country or ""
        made = _MADE_AT + timedelta(minutes=account.number)
        values = {
            "MasterRecordId": None, "Name": account.name, "Type": "Prospect", "Industry": account.industry,
            "BillingCountry": COUNTRY_NAMES.get(country), "BillingCountryCode": account.country,
            "BillingState": account.region, "BillingStateCode": account.region,
            "OwnerId": self.users[account.owner_number],
            "Fiscal_Year_Start_Month__c": _float(account.fiscal_year_start_month),
        }  # fmt: skip
        self.accounts[account.number] = self._put("Account", self._system("Account", made), values)

    def _contact(self, contact: BookContact) -> None:
        made = _MADE_AT + timedelta(minutes=contact.number)
        owner = self.book.accounts[contact.account_number - 1].owner_number
        values = {
            "MasterRecordId": None, "AccountId": self.accounts[contact.account_number],
            "FirstName": contact.first_name, "LastName": contact.last_name,
            "Name": f"{contact.first_name} {contact.last_name}", "Email": contact.email,
            "HasOptedOutOfEmail": contact.has_opted_out, "DoNotCall": contact.do_not_call,
            "OwnerId": self.users[owner],
        }  # fmt: skip
        self.contacts[contact.number] = self._put("Contact", self._system("Contact", made), values)

    def _deal(self, deal: BookDeal) -> None:
        owner = self.users[deal.owner_number]
        system = self._system("Opportunity", deal.created_at, deal.modified_at, owner)
        turned = self._turned_at(deal)
        amount, is_won = _float(deal.amount), deal.state == "won"
        contact = self.contacts[deal.contact_number] if deal.contact_number else None
        values = {
            "AccountId": self.accounts[deal.account_number], "Name": deal.name[:120], "Type": "New Business",
            "StageName": self._stage(deal), "Amount": amount, "CloseDate": deal.close_date.isoformat(),
            "Probability": 100.0 if is_won else 0.0 if deal.state == "lost" else 30.0,
            "ExpectedRevenue": amount if is_won else 0.0, "IsClosed": deal.state != "open", "IsWon": is_won,
            "ForecastCategory": self._forecast(deal), "ForecastCategoryName": self._forecast(deal),
            "ContactId": contact, "OwnerId": owner, "HasOpenActivity": False, "FiscalYear": deal.close_date.year,
            "LastStageChangeDate": stamp(turned), self.settings.reason_field: deal.reason,
            self.settings.notes_field: deal.notes, "Competitor__c": deal.competitor,
            "Competitor_Contract_End__c": deal.contract_end.isoformat() if deal.contract_end else None,
        }  # fmt: skip
        if "RecordTypeId" in self.store.schema["Opportunity"].fields:
            kinds = list(self.store.tables["RecordType"])
            values["RecordTypeId"] = kinds[deal.number % 5 == 0]
        self.deals[deal.number] = self._put("Opportunity", system, values)
        self._history(self.deals[deal.number], values, deal.created_at, turned, owner)
        if contact:
            role = {"OpportunityId": self.deals[deal.number], "ContactId": contact, "IsPrimary": True}
            self._put("OpportunityContactRole", self._system("OpportunityContactRole", deal.created_at), role)

    def _stage(self, deal: BookDeal) -> str:
        if deal.state == "won":
            return self.settings.won_stage
        stages = self.settings.lost_stages if deal.state == "lost" else OPEN_STAGES
        return stages[deal.number % len(stages)]

    @staticmethod
    def _forecast(deal: BookDeal) -> str:
        return {"won": "Closed", "lost": "Omitted"}.get(deal.state, "Pipeline")

    @staticmethod
    def _turned_at(deal: BookDeal) -> datetime:
        """When the present stage was entered: on the day of the loss, and never after the last change."""
        if deal.state == "open":
            return deal.created_at
        day = deal.lost_on or deal.close_date
        return min(datetime.combine(day, time(10, 30), tzinfo=UTC), deal.modified_at)

    def _history(self, deal_id: str, deal: Mapping[str, Any], made: datetime, turned: datetime, by: str) -> None:
        steps = [(OPEN_STAGES[0], made)]
        if turned > made:
            steps.append((deal["StageName"], turned))
        for stage, at in steps:
            self.store.load(
                "OpportunityHistory",
                {
                    "Id": self.store.new_id("OpportunityHistory"), "OpportunityId": deal_id, "StageName": stage,
                    "Amount": deal["Amount"], "CloseDate": deal["CloseDate"], "Probability": deal["Probability"],
                    "CreatedDate": stamp(at), "CreatedById": by, "SystemModstamp": stamp(at), "IsDeleted": False,
                },
            )  # fmt: skip


def _float(value: Decimal | int | None) -> float | None:
    return None if value is None else float(value)
