"""How many tokens a text is about, for when a provider does not say.

A token is about four characters of Latin script and about one of Chinese, Japanese or Korean; the figure is
meant for budgets and displays, and is flagged as estimated wherever it is shown.
"""

import json
import math
import re
from collections.abc import Iterable
from typing import Final

from providers.contract import ChatMessage, ChatRequest, Tool
from providers.events import Usage
from providers.parts import MediaPart, Part, Parts, ReasoningPart, TextPart, ToolCallPart, ToolResultPart

LATIN: Final = 4.0  # characters per token
CJK: Final = 1.2  # characters per token
MEDIA: Final = 1_500  # tokens of a picture, a page or a sound: about what vendors count for a large picture
FRAME: Final = 4  # tokens around each message, as vendors count them
_CJK = re.compile(r"[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]")


def estimated_tokens(text: str) -> int:
    wide = len(_CJK.findall(text))
    return math.ceil((len(text) - wide) / LATIN + wide / CJK)


def estimated_usage(request: ChatRequest, answer: Parts) -> Usage:
    asked = estimated_tokens(request.system) + sum(_tokens(message.parts) for message in request.messages)
    reasoning = sum(estimated_tokens(part.text) for part in answer if isinstance(part, ReasoningPart))
    return Usage(
        input_tokens=asked, output_tokens=_tokens(answer), reasoning_tokens=reasoning, estimated=True
    )


def message_tokens(message: ChatMessage) -> int:
    """Of all that is sent of it: calls, results and files too. Reasoning is not sent again by most."""
    return FRAME + sum(map(_sent, message.parts))


def tool_tokens(tools: Iterable[Tool]) -> int:
    return sum(
        estimated_tokens(f"{tool.name}{tool.description}{json.dumps(dict(tool.parameters), default=str)}")
        for tool in tools
    )


def _sent(part: Part) -> int:
    match part:
        case TextPart(text=text):
            return estimated_tokens(text)
        case ToolCallPart(name=name, arguments=arguments):
            return estimated_tokens(name + arguments)
        case ToolResultPart(output=output, error=error):
            told = output if isinstance(output, str) else json.dumps(output, ensure_ascii=False, default=str)
            return estimated_tokens(error or told)
        case _ if isinstance(part, MediaPart):
            return MEDIA
        case _:
            return 0


def _tokens(parts: Parts) -> int:
    return sum(estimated_tokens(part.text) for part in parts if isinstance(part, TextPart | ReasoningPart))
