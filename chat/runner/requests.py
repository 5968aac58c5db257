"""What a run sends to its provider: the branch of the conversation that it answers."""

from dataclasses import dataclass

from chat.models import Run
from chat.runner.history import history_of
from providers.catalogue import config_for, listed_model, provider_of
from providers.contract import ChatMessage, ChatRequest, ProviderConfig
from providers.models import ProviderModel
from providers.parts import Parts


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
            messages=(*history_of(run.message), *prefix),
            system=run.session.system_prompt,
            options=run.options,
        ),
        price=listed_model(provider, run.model),
    )
