"""What a run sends to its provider: the branch of the conversation that it answers."""

from dataclasses import dataclass
from uuid import UUID

from chat.models import Message, Run
from providers.catalogue import config_for, listed_model, provider_of
from providers.contract import ChatMessage, ChatRequest, ProviderConfig
from providers.models import ProviderModel
from providers.parts import Parts, text_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """All that a runner needs to know, read in one go."""

    run: Run
    config: ProviderConfig
    request: ChatRequest
    price: ProviderModel | None


def assignment_for(run: Run, begun: Parts = ()) -> Assignment:
    """`begun` is what an earlier attempt wrote and this one is to go on from. Raises ProviderError."""
    provider = provider_of(run.provider)
    prefix = [ChatMessage(role="assistant", parts=begun)] if begun else []
    return Assignment(
        run=run,
        config=config_for(provider),
        request=ChatRequest(
            model=run.model,
            messages=(*_history(run.message), *prefix),
            system=run.session.system_prompt,
            options=run.options,
        ),
        price=listed_model(provider, run.model),
    )


def _history(answer: Message) -> list[ChatMessage]:
    """The branch above an answer, oldest first, without messages that have nothing to say."""
    path = _path_to_root(answer)
    rows = Message.objects.in_bulk(path)
    messages = [rows[id_] for id_ in reversed(path)]
    return [_as_said(message) for message in messages if text_of(message.content)]


def _path_to_root(answer: Message) -> list[UUID]:
    pairs = Message.objects.filter(session_id=answer.session_id).values_list("id", "parent_id")
    parents = dict(pairs)
    path = []
    step = answer.parent_id
    while step:
        path.append(step)
        step = parents.get(step)
    return path


def _as_said(message: Message) -> ChatMessage:
    return ChatMessage(role=message.role, parts=message.content, name=message.name)  # type: ignore[arg-type]
