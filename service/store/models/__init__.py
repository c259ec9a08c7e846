"""Every table. Rules live in the database: unique keys, partial unique indexes, checks, foreign keys."""

from service.store.models.answers import AnswerRow
from service.store.models.base import Base
from service.store.models.budgets import BudgetRow, FailedDealRow
from service.store.models.connections import ConnectionRow, ConnectionState, OwnerRow, StreamRow
from service.store.models.consent import ConsentRow
from service.store.models.counters import CounterRow
from service.store.models.deals import (
    ClassificationRow,
    DealContactRow,
    DealRow,
    DealState,
    EpisodeRow,
    PlanRow,
)
from service.store.models.debriefs import DebriefRow, SignInRow
from service.store.models.documents import DocumentColumns, MappingSetRow, PolicyRow
from service.store.models.inbox import InboxRow, InboxState
from service.store.models.outbox import EventRow, OutboxKind, OutboxRow, OutboxState, RunRow
from service.store.models.people import (
    ActionRow,
    ApiTokenRow,
    InvitationRow,
    SessionRow,
    SignInFailureRow,
    UserOwnerRow,
    UserRow,
)
from service.store.models.previews import DraftRow, OutcomeRow, OutcomeState, PreviewRow, PreviewState
from service.store.models.queue import LinkUseRow, MessageRow, MessageState, TurnRow
from service.store.models.reminders import FieldWriteRow, ReminderRow, ReminderState, TaskRefRow, TaskRefState
from service.store.models.reviews import ReviewLetterRow, ReviewRow, SuggestionRow

__all__ = [
    "ActionRow",
    "AnswerRow",
    "ApiTokenRow",
    "Base",
    "BudgetRow",
    "ClassificationRow",
    "ConnectionRow",
    "ConnectionState",
    "ConsentRow",
    "CounterRow",
    "DealContactRow",
    "DealRow",
    "DealState",
    "DebriefRow",
    "DocumentColumns",
    "DraftRow",
    "EpisodeRow",
    "EventRow",
    "FailedDealRow",
    "FieldWriteRow",
    "InboxRow",
    "InboxState",
    "InvitationRow",
    "LinkUseRow",
    "MappingSetRow",
    "MessageRow",
    "MessageState",
    "OutboxKind",
    "OutboxRow",
    "OutboxState",
    "OutcomeRow",
    "OutcomeState",
    "OwnerRow",
    "PlanRow",
    "PolicyRow",
    "PreviewRow",
    "PreviewState",
    "ReminderRow",
    "ReminderState",
    "ReviewLetterRow",
    "ReviewRow",
    "RunRow",
    "SessionRow",
    "SignInFailureRow",
    "SignInRow",
    "StreamRow",
    "SuggestionRow",
    "TaskRefRow",
    "TaskRefState",
    "TurnRow",
    "UserOwnerRow",
    "UserRow",
]
