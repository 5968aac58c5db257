"""The tools that come with Parley. None has side effects; none is on until somebody chooses it."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import Field

from chat.db import in_database
from chat.models import Message
from chat.tools.calculator import calculate
from chat.tools.contract import CallContext
from chat.tools.errors import ArgumentsInvalid
from chat.tools.functions import tool
from chat.tools.pages import fetched_page
from providers.parts import TextPart

SCANNED = 2_000  # messages that a search looks through, newest first
AROUND = 200  # characters of a message that are shown around what was found


@tool(side_effects=False)
def current_time(timezone: str = "UTC") -> dict[str, str]:
    """The current date and time.

    Args:
        timezone: an IANA name such as Asia/Shanghai
    """
    try:
        now = datetime.now(ZoneInfo(timezone))
    except (KeyError, ValueError, OSError):
        raise ArgumentsInvalid(f"There is no time zone called {timezone[:60]!r}.") from None
    return {"time": now.isoformat(timespec="seconds"), "weekday": now.strftime("%A"), "timezone": timezone}


@tool(side_effects=False)
def calculator(expression: str) -> str:
    """Calculate an arithmetic expression exactly, such as (1 + 2) * 3 ** 2 or sqrt(2).

    Args:
        expression: numbers, + - * / // % **, parentheses, and functions such as sqrt, log, sin, round
    """
    return str(calculate(expression))


@tool(side_effects=False, policy="ask")  # an address can carry what was said here to somebody else
async def fetch_page(url: str, context: CallContext) -> dict[str, str]:
    """Fetch a page of the web and give its text.

    Args:
        url: its address, with http:// or https://
    """
    page = await fetched_page(url)
    context.cite(page.url, page.title)
    return {"url": page.url, "title": page.title, "text": page.text}


@tool(side_effects=False)
async def search_chats(
    query: Annotated[str, Field(min_length=1, max_length=200)],
    context: CallContext,
    limit: Annotated[int, Field(ge=1, le=20)] = 5,
) -> list[dict[str, Any]]:
    """Search the earlier chats of the person who asks. Gives the newest messages that hold the words.

    Args:
        query: words that the message must hold, all of them
        limit: how many messages at most
    """
    return await in_database(_search, context, query, limit)


def _search(context: CallContext, query: str, limit: int) -> list[dict[str, Any]]:
    words = query.casefold().split()
    rows = Message.objects.filter(session__owner_id=context.user_id, role__in=["user", "assistant"])
    others = rows.exclude(session_id=UUID(context.session_id)) if context.session_id else rows
    newest = others.select_related("session").order_by("-id")[:SCANNED]
    found = (_found(message, words) for message in newest.iterator(chunk_size=200))
    return [hit for hit, _ in zip((hit for hit in found if hit), range(limit), strict=False)]


def _found(message: Message, words: list[str]) -> dict[str, Any] | None:
    text = "".join(part.text for part in message.content if isinstance(part, TextPart))
    folded = text.casefold()
    if not words or not all(word in folded for word in words):
        return None
    start = max(0, folded.find(words[0]) - AROUND // 2)
    return {
        "chat": message.session.title,
        "role": message.role,
        "date": message.created_at.date().isoformat(),
        "text": text[start : start + AROUND],
    }
