"""What a person wishes of tools: stricter than what the operator set, never less so."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from chat.models import UserSettings
from chat.tools.contract import Policy, ServerTool

_WORDS: Final = {
    "always": _("Runs by itself"),
    "ask": _("Asks me first"),
    "never": _("Never runs for me"),
}
STRICTNESS: Final[tuple[Policy, ...]] = ("always", "ask", "never")


def wishes_of(user_id: Any) -> Mapping[str, Policy]:
    return UserSettings.objects.filter(user_id=user_id).values_list("tools", flat=True).first() or {}


def as_wished(user_id: Any, tools: Iterable[ServerTool]) -> list[ServerTool]:
    """Without those that the person never wants to be called."""
    found = list(tools)
    wishes = wishes_of(user_id) if found else {}
    wished = (replace(tool, policy=stricter(tool.policy, wishes.get(tool.name, "always"))) for tool in found)
    return [tool for tool in wished if tool.policy != "never"]


def stricter(one: Policy, other: Policy) -> Policy:
    return max(one, other, key=STRICTNESS.index)


def about(tool: ServerTool) -> str:
    """What it does, in a line; in the reader's language if it came with Parley."""
    line = tool.description.partition("\n")[0]
    return gettext(line) if line else ""


def choices_of(tool: ServerTool, wishes: Mapping[str, Policy]) -> list[tuple[Policy, Any, bool]]:
    """What a person may choose of a tool, each with its word and whether it holds."""
    holds = stricter(tool.policy, wishes.get(tool.name, "always"))
    allowed = STRICTNESS[STRICTNESS.index(tool.policy) :]
    return [(policy, _WORDS[policy], policy == holds) for policy in allowed]


@transaction.atomic
def wish_set(*, user_id: Any, tool: str, policy: Policy) -> None:
    """`always` is no wish: what the operator set holds."""
    UserSettings.objects.get_or_create(user_id=user_id)
    row = UserSettings.objects.select_for_update().get(user_id=user_id)
    others = {name: wish for name, wish in (row.tools or {}).items() if name != tool}
    row.tools = others if policy == "always" else {**others, tool: policy}
    row.save(update_fields=["tools"])
