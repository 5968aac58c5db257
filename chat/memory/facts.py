"""Facts about a person: proposed from what that person wrote, recalled where they may matter.

Only the person's own words are read for them. What models, tools and files say is none of it: whoever writes
there could otherwise write into somebody's memory.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from django.db.models import QuerySet

from chat import rows
from chat.events import MessageUpdated
from chat.log import session_append
from chat.memory.options import may_remember, memory_settings
from chat.memory.prompts import FACTS, FACTS_TOLD
from chat.memory.relevance import relevant
from chat.memory.task import Task, asked
from chat.models import Memory, Message, Run
from chat.models.memory import FACT_LENGTH
from chat.wire import message_json
from providers.estimating import estimated_tokens
from providers.forming import OPTION
from providers.parts import DataPart, Parts

MOST: Final = 500  # facts of one person; more are not added by themselves
KNOWN: Final = 2_000  # tokens of known facts that a proposal is told of
LEAST: Final = 3  # tokens of a message that may hold a fact
EXCERPT: Final = 8_000  # characters of a message that are read for facts
AT_ONCE: Final = 10  # facts from one message
SCHEMA: Final[Mapping[str, Any]] = {
    "type": "object",
    "properties": {
        "facts": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"text": {"type": "string"}, "replaces": {"type": "integer"}},
                "required": ["text", "replaces"],
                "additionalProperties": False,
            },
        },
        "forget": {"type": "array", "items": {"type": "integer"}},
    },
    "required": ["facts", "forget"],
    "additionalProperties": False,
}
FORM: Final = {"type": "json_schema", "json_schema": {"name": "facts", "schema": SCHEMA, "strict": True}}


@dataclass(frozen=True, slots=True)
class Recalled:
    """`text` is for the system prompt, empty where nothing is known."""

    text: str = ""
    ids: tuple[str, ...] = ()


def recalled(run: Run, text: str) -> Recalled:
    """What may matter for `text`, within the operator's budget."""
    budget = memory_settings().memory_tokens
    facts = _facts_of(run.user_id) if budget and memory_settings().memory else {}
    if not facts or not may_remember(run.user_id, run.session):
        return Recalled()
    chosen = relevant([(id_, fact) for id_, (fact, _) in facts.items()], text, budget)
    lines = [f"- {facts[id_][0]} ({facts[id_][1]})" for id_ in chosen]
    return Recalled(FACTS_TOLD.format(facts="\n".join(lines)), tuple(chosen)) if chosen else Recalled()


def says_something(answer: Message) -> bool:
    """Whether what was answered may hold a fact: a nod or a file alone is not worth a question."""
    question = answer.parent
    return question is not None and estimated_tokens(question.text) >= LEAST


def task(run: Run) -> Task:
    """From what the person said before the answer that this run follows."""
    question = _question(run)
    words = question.text[:EXCERPT] if question else ""
    facts = {id_: fact for id_, (fact, _) in _facts_of(run.user_id).items()}
    known = relevant(list(facts.items()), words, KNOWN)
    lines = [f"{number}. {facts[id_]}" for number, id_ in enumerate(known, 1)]
    text = f"KNOWN:\n{chr(10).join(lines) or '(nothing)'}\n\nMESSAGE:\n{words}"
    return Task(request=asked(FACTS, text, **{OPTION: FORM}), context={"known": known})


def keep(run: Run, parts: Parts, context: Mapping[str, Any]) -> None:
    """In the settling transaction. What a person wrote down or changed is replaced only by what they say."""
    value = next((part.value for part in reversed(parts) if isinstance(part, DataPart)), None)
    if not isinstance(value, Mapping) or not may_remember(run.user_id, run.session):
        return
    known = dict(enumerate(context.get("known", ()), 1))
    _mine(run).filter(id__in=[known[number] for number in value["forget"] if number in known]).delete()
    facts = ((" ".join(fact["text"].split()), known.get(fact["replaces"])) for fact in value["facts"])
    noted = [_noted(run, text[:FACT_LENGTH], replaces) for text, replaces in islice(facts, AT_ONCE)]
    if ids := [str(fact.id) for fact in noted if fact]:
        _tell(run, ids)


def _noted(run: Run, text: str, replaces: str | None) -> Memory | None:
    """None where nothing new is said, or there is no room."""
    mine = _mine(run)
    if not text or run.user_id is None or mine.filter(text__iexact=text).exists():
        return None
    fact = mine.filter(id=replaces).first() if replaces else None
    if fact is None and mine.count() >= MOST:
        return None
    fact = fact or Memory(user_id=run.user_id)
    fact.text, fact.edited = text, False
    fact.session_id, fact.message = run.session_id, _question(run)
    fact.save()
    return fact


def _tell(run: Run, ids: list[str]) -> None:
    """The answer says from now on what was noted with it, by id alone."""
    parent: dict[str, Any] = {"id": run.parent_id}
    answer = Run.objects.select_related("message__author").get(**parent)
    answer.context = {**(answer.context or {}), "noted": ids}
    rows.update(answer, "context")
    answer.message.run = answer
    session_append(run.session_id, MessageUpdated(message=message_json(answer.message)))


def _question(run: Run) -> Message | None:
    """What was answered by the run that this one follows."""
    answer = run.message.parent
    return answer.parent if answer else None


def _mine(run: Run) -> QuerySet[Memory]:
    owner: dict[str, Any] = {"user_id": run.user_id}
    return Memory.objects.filter(**owner)


def _facts_of(user_id: Any) -> dict[str, tuple[str, str]]:
    """Id → text and date, the latest first."""
    rows = Memory.objects.filter(user_id=user_id).values_list("id", "text", "updated_at")[:MOST]
    return {str(id_): (text, f"{at:%Y-%m-%d}") for id_, text, at in rows}
