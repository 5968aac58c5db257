"""How many tokens a text is about, for when a provider does not say.

A token is about four characters of Latin script and about one of Chinese, Japanese or Korean; the figure is
meant for budgets and displays, and is flagged as estimated wherever it is shown.
"""

import math
import re
from typing import Final

from providers.contract import ChatRequest
from providers.events import Usage
from providers.parts import Parts, ReasoningPart, TextPart

LATIN: Final = 4.0  # characters per token
CJK: Final = 1.2  # characters per token
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


def _tokens(parts: Parts) -> int:
    return sum(estimated_tokens(part.text) for part in parts if isinstance(part, TextPart | ReasoningPart))
