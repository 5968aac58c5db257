"""What Parley remembers. Rows know their own words (`run.is_active`), not the log, an action or a socket."""

from chat.models.events import StreamEvent
from chat.models.keys import ApiKey
from chat.models.messages import Message
from chat.models.runs import Run
from chat.models.sessions import ChatSession, SessionMember
from chat.models.settings import UserSettings

__all__ = ["ApiKey", "ChatSession", "Message", "Run", "SessionMember", "StreamEvent", "UserSettings"]
