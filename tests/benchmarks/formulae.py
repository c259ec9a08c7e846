"""How many calls each job needs. A job may stay within 5 % of it; the ledger's own calls are counted apart."""

from __future__ import annotations

from math import ceil
from typing import NamedTuple

SALESFORCE_DESCRIBE = 9  # versions, organisation, users, stages, five objects
SALESFORCE_PAGE = 2000
SALESFORCE_BULK_PAGE = 2000
SALESFORCE_IDS = 400  # contact roles by the ids of deals
SALESFORCE_BATCH = 200
HUBSPOT_DESCRIBE = 8  # account, pipelines, three sets of properties, owners twice, token
HUBSPOT_LIST = 100
HUBSPOT_BATCH = 100
HUBSPOT_LISTS_A_PAGE = 10
HUBSPOT_KEPT = 10_000
BATCH = 500  # reminders of one unit of work


class Shared(NamedTuple):
    """Records that lost deals name: how often in all, and how many different ones."""

    named: int
    different: int

    @property
    def asked(self) -> float:
        """How many are asked for: each once, where all can be remembered; else those forgotten meanwhile again."""
        return self.named - (self.named - self.different) * min(1.0, HUBSPOT_KEPT / self.different)


def salesforce_rest(lost: int, *, page: int = SALESFORCE_PAGE) -> int:
    """Token (or one count), describe, pages, and the contact roles of each page's deals. A server may cut pages."""
    return 1 + SALESFORCE_DESCRIBE + ceil(lost / page) + _roles(lost, page)


def salesforce_quiet(tasks: int, *, again: int) -> int:
    """Token, describe, our open tasks, the `again` deals that lie in the overlap with their roles, the log of deletions
    and whether there is one."""
    overlap = ceil(again / SALESFORCE_PAGE) + _roles(again, SALESFORCE_PAGE)
    return 1 + SALESFORCE_DESCRIBE + ceil(tasks / SALESFORCE_IDS) + overlap + 2


def hubspot_quiet(tasks: int, *, again: int) -> int:
    """Describe, our open tasks, one search, one page of deleted deals; and for the `again` deals in the overlap two
    kinds of associations, companies, contacts."""
    return HUBSPOT_DESCRIBE + ceil(tasks / HUBSPOT_BATCH) + 1 + 4 * ceil(again / HUBSPOT_BATCH) + 1


def salesforce_bulk(lost: int, polls: int) -> int:
    """Token, describe, one count, the job, its polls, its pages, its end, and the contact roles."""
    pages = ceil(lost / SALESFORCE_BULK_PAGE)
    return 1 + SALESFORCE_DESCRIBE + 1 + 1 + polls + pages + _roles(lost, SALESFORCE_BULK_PAGE)


def hubspot(deals: int, lost: int, *, companies: Shared, contacts: Shared) -> int:
    """Describe, the list's pages, and the companies and contacts of the lost deals of every ten of them.

    Where not every deal is lost, a last batch is half full on average.
    """
    lists = ceil(deals / HUBSPOT_LIST)
    pages = ceil(lists / HUBSPOT_LISTS_A_PAGE)
    batches = (each.asked / pages / HUBSPOT_BATCH for each in (companies, contacts))
    return HUBSPOT_DESCRIBE + lists + round(pages * sum(ceil(one) if lost == deals else one + 0.5 for one in batches))


def salesforce_writes(tasks: int, fields: int) -> int:
    """Batches of 200: tasks by their external id, fields of deals by the deals' ids."""
    return ceil(tasks / SALESFORCE_BATCH) + ceil(fields / SALESFORCE_BATCH)


def hubspot_writes(tasks: int, fields: int) -> int:
    """Batches of 100: tasks created with their associations, fields of deals."""
    return ceil(tasks / HUBSPOT_BATCH) + ceil(fields / HUBSPOT_BATCH)


def salesforce_consent(deals: int) -> int:
    """Who may be contacted, asked before tasks are written and when they fall due: the contact roles of their deals.
    One query more for each where a do-not-contact field is mapped."""
    return _roles(deals, BATCH)


def hubspot_consent(deals: int, contacts: int) -> int:
    """The same: the associations of a batch's deals, and their contacts. A mapped property takes one more for a
    hundred deals, one of companies two."""
    batches = ceil(deals / BATCH)
    return batches + round(batches * ceil(contacts / batches / HUBSPOT_BATCH))


def _roles(lost: int, page: int) -> int:
    whole, rest = divmod(lost, page)
    return whole * ceil(page / SALESFORCE_IDS) + ceil(rest / SALESFORCE_IDS)
