"""Facts about a person: proposed from what that person wrote, recalled where they may matter.

Only the person's own words are read for them. What models, tools and files say is none of it: whoever writes
there could otherwise write into somebody's memory.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.db.models import QuerySet

from chat.memory.options import may_remember, memory_settings
from chat.memory.prompts import FACTS, FACTS_TOLD
from chat.memory.relevance import relevant
from chat.memory.task import Task, asked
from chat.models import Memory, Message, Run
from chat.models.memory import FACT_LENGTH
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
    answer = run.message.parent
    words = answer.parent.text[:EXCERPT] if answer and answer.parent else ""
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
    mine = _mine(run)
    mine.filter(id__in=[known[number] for number in value["forget"] if number in known]).delete()
    for fact in value["facts"][:AT_ONCE]:
        _note(run, " ".join(fact["text"].split())[:FACT_LENGTH], known.get(fact["replaces"]))


def _note(run: Run, text: str, replaces: str | None) -> None:
    mine = _mine(run)
    if not text or mine.filter(text__iexact=text).exists():
        return
    source = {"session_id": run.session_id, "message_id": _question_id(run)}
    old = mine.filter(id=replaces).first() if replaces else None
    if old:
        for name, value in {"text": text, "edited": False, **source}.items():
            setattr(old, name, value)
        old.save()
    elif mine.count() < MOST:
        Memory.objects.create(user_id=run.user_id, text=text, **source)


def _mine(run: Run) -> QuerySet[Memory]:
    owner: dict[str, Any] = {"user_id": run.user_id}
    return Memory.objects.filter(**owner)


def _facts_of(user_id: Any) -> dict[str, tuple[str, str]]:
    """Id → text and date, the latest first."""
    rows = Memory.objects.filter(user_id=user_id).values_list("id", "text", "updated_at")[:MOST]
    return {str(id_): (text, f"{at:%Y-%m-%d}") for id_, text, at in rows}


def _question_id(run: Run) -> UUID | None:
    answer = run.message.parent
    return answer.parent_id if answer else None
