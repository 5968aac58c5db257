"""Summaries of what a conversation began with, each made from the one before and what was said since."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from chat.memory.prompts import SUMMARY
from chat.memory.task import Task, asked
from chat.memory.windows import Told
from chat.models import Run, Summary
from chat.runner.history import Branch, branch_to
from providers.contract import ChatMessage
from providers.errors import UnknownProvider
from providers.estimating import estimated_tokens
from providers.parts import MediaPart, Part, Parts, TextPart, ToolCallPart, ToolResultPart, text_of

UPTO: Final = "upto"
SHARE: Final = 0.6  # of the background model's context that is given to read
UNKNOWN: Final = 8_000  # tokens of context where it is not known
OUTPUT: Final = 2_000  # characters of a tool's result that are read
GONE: Final = "There is nothing to summarise any more."


def summaries_told(run: Run) -> tuple[Told, ...]:
    """Of the run's session."""
    found = Summary.objects.filter(session_id=run.session_id)
    return tuple(Told(id=str(row.id), upto=str(row.upto_id), text=row.text) for row in found)


def task(run: Run, context_length: int) -> Task:
    """Of what was said after the last summary of this branch up to where it is due, as far as the background
    model can read. Raises ProviderError where there is nothing (any more)."""
    branch = branch_to((run.context or {}).get(UPTO))
    before = _last(branch, summaries_told(run))
    unread = _after(branch, before.upto if before else "")
    room = int((context_length or UNKNOWN) * SHARE) - (estimated_tokens(before.text) if before else 0)
    texts, upto = _within(unread, room)
    if not texts:
        raise UnknownProvider(GONE)
    summary = [f"SUMMARY OF WHAT CAME BEFORE: {before.text}"] if before else []
    return Task(request=asked(SUMMARY, "\n\n".join([*summary, *texts])), context={UPTO: upto})


def keep(run: Run, parts: Parts, context: Mapping[str, Any]) -> None:
    """A person's words on the same place stay."""
    text = text_of(parts).strip()
    if text and context.get(UPTO):
        Summary.objects.get_or_create(
            session_id=run.session_id, upto_id=context[UPTO], defaults={"text": text, "run_id": run.id}
        )


def _last(branch: Branch, summaries: Iterable[Told]) -> Told | None:
    places = {id_: place for place, id_ in enumerate(branch)}
    here = [told for told in summaries if told.upto in places]
    return max(here, key=lambda told: places[told.upto], default=None)


def _after(branch: Branch, upto: str) -> list[tuple[str, ChatMessage]]:
    said = list(branch.items())
    start = next((place + 1 for place, (id_, _) in enumerate(said) if id_ == upto), 0)
    return said[start:]


def _within(said: Iterable[tuple[str, ChatMessage]], room: int) -> tuple[list[str], str]:
    """What fits, and the last message of it. A first one that is too long is cut."""
    texts: list[str] = []
    last = ""
    for id_, message in said:
        text = _told(message)
        cost = estimated_tokens(text)
        if cost > room and texts:
            break
        texts.append(text if cost <= room else text[: max(room, 0)])
        last, room = id_, room - cost
    return texts, last


def _told(message: ChatMessage) -> str:
    words = "\n".join(filter(None, map(_words, message.parts)))
    return f"{message.role.upper()}: {words}"


def _words(part: Part) -> str:
    match part:
        case TextPart(text=text):
            return text
        case ToolCallPart(name=name, arguments=arguments):
            return f"[calls {name} {arguments}]"
        case ToolResultPart(output=output, error=error):
            return f"[result: {(error or json.dumps(output, ensure_ascii=False, default=str))[:OUTPUT]}]"
        case _ if isinstance(part, MediaPart):
            return f"[file: {part.name or part.media_type}]"
        case _:
            return ""
