"""What Parley remembers. Rows know their own words (`run.is_active`), not the log, an action or a socket."""

from chat.models.agents import Agent
from chat.models.alerts import Alert, Duty
from chat.models.audit import AuditChain, AuditEntry
from chat.models.budgets import Budget, BudgetCounter
from chat.models.comments import Comment
from chat.models.drafts import Draft
from chat.models.events import StreamEvent
from chat.models.feedback import Feedback
from chat.models.files import File
from chat.models.invitations import Invitation, Role
from chat.models.keys import ApiKey
from chat.models.memory import CachedResponse, Memory, MemorySettings, Summary
from chat.models.messages import Message
from chat.models.permits import Permit
from chat.models.prompts import Prompt
from chat.models.runs import Run
from chat.models.search import SearchText
from chat.models.sessions import ChatSession, SessionMember
from chat.models.settings import SessionEnd, UserSettings
from chat.models.share_links import ShareLink
from chat.models.tallies import DoorTally
from chat.models.tools import McpServer, ToolCall, ToolRule
from chat.models.usage import UsageRecord

__all__ = [
    "Agent",
    "Alert",
    "ApiKey",
    "AuditChain",
    "AuditEntry",
    "Budget",
    "BudgetCounter",
    "CachedResponse",
    "ChatSession",
    "Comment",
    "DoorTally",
    "Draft",
    "Duty",
    "Feedback",
    "File",
    "Invitation",
    "McpServer",
    "Memory",
    "MemorySettings",
    "Message",
    "Permit",
    "Prompt",
    "Role",
    "Run",
    "SearchText",
    "SessionEnd",
    "SessionMember",
    "ShareLink",
    "StreamEvent",
    "Summary",
    "ToolCall",
    "ToolRule",
    "UsageRecord",
    "UserSettings",
]
