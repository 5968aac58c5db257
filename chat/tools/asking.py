"""The question to a person, as a tool that only a person can run: an approval brings the answer."""

from collections.abc import Mapping
from typing import Any, Final

from chat.tools.contract import CallContext, ServerTool
from chat.tools.errors import ToolNotFound

QUESTION: Final = "parley-ask-"  # how the ids of such calls begin


async def _nobody(arguments: Mapping[str, Any], context: CallContext) -> Any:
    raise ToolNotFound


ASK: Final = ServerTool(
    name="ask_user",
    run=_nobody,
    description="Asks the person.",
    parameters={
        "type": "object",
        "properties": {
            "question": {"type": "string"},
            "answer": {"type": "string", "minLength": 1, "maxLength": 100_000},
        },
        "required": ["answer"],
    },
    side_effects=False,
)
