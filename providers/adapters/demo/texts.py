"""What the demo provider says, and how it is cut into tokens.

Pure: the same seed and message give the same text.
"""

import random
from collections.abc import Iterator
from itertools import islice
from typing import Final

import regex

_UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}"  # scripts that are written without spaces: each sign a token
_LONGEST = 12  # characters of a word in one token
# A word or a sign with the space after it, in whole grapheme clusters.
_TOKEN: Final = regex.compile(
    rf"(?: (?=[{_UNSPACED}])\X | (?:(?![\s{_UNSPACED}])\X){{1,{_LONGEST}}} )? (?:(?=\s)\X)* ",
    regex.VERBOSE,
)
_QUOTED: Final = 400  # characters of the question that are repeated

_CHAT = """\
## Parley's demo provider

You wrote:

{quote}

I am **not a language model**: these words are a fixed text, streamed to show what an answer looks like. \
{aside}

1. Text arrives token by token and is kept as it comes.
2. Reload the page, or lose the network: the answer goes on where it was.
3. Press *Stop* and the provider is stopped as well.

| model | what it does |
|---|---|
| `chat` | this text |
| `long` | 2,000 tokens, 50 a second |
| `fast` | as fast as it can |
| `reason` | thinks at length first |
| `tools` | calls the tools that you name |
| `fail` | breaks off with an error |

```python
def greet(name: str) -> str:
    return f"Hello, {{name}}! 你好!"
```

中文、日本語 and emoji come through whole: 👋🏽 👩‍👩‍👧 🇨🇳 ✨

To talk to a real model, add a provider and its API key in [the admin](/admin/providers/provider/).
"""
_ASIDES: Final = (
    "Nothing was sent anywhere.",
    "No network was used for it.",
    "It costs nothing.",
    "Everything stayed on this server.",
)
_THOUGHTS: Final = (
    "There is no thinking behind this, only a demonstration of where it would be shown. ",
    "A model would weigh the question here, step by step. ",
    "It might look at what was said before. ",
    "然后用中文再想一想。",
    "Then it would choose how to begin. ",
)
_VOCABULARY = (
    "stream token answer reader message order letter number window river morning paper garden light silver "
    "quiet early simple whole 你好 世界 流 字 always never again between after before with and of the"
)
_WORDS: Final = tuple(_VOCABULARY.split())
FAILING: Final = (
    "This answer begins well and then breaks off, as the model's name says, to show what happens "
)


def chat_text(message: str, seed: int) -> str:
    quote = "\n".join(f"> {line}" for line in message[:_QUOTED].splitlines() or [""])
    return _CHAT.format(quote=quote, aside=_chance(message, seed).choice(_ASIDES))


def thoughts(message: str, seed: int, count: int) -> str:
    return "".join(_chance(message, seed).choices(_THOUGHTS, k=count))


def tokens_of(text: str) -> list[str]:
    """The text cut into tokens; joined they are the text again."""
    return [token for token in _TOKEN.findall(text) if token]


def many_tokens(message: str, seed: int, count: int) -> Iterator[str]:
    """`count` tokens of sentences without meaning."""
    return islice(_endless(_chance(message, seed)), count)


def _endless(chance: random.Random) -> Iterator[str]:
    while True:
        words = chance.choices(_WORDS, k=chance.randint(6, 14))
        space = "\n\n" if chance.random() < 0.1 else " "
        yield from tokens_of(f"{' '.join(words).capitalize()}.{space}")


def _chance(message: str, seed: int) -> random.Random:
    return random.Random(f"{seed}\n{message}")  # noqa: S311  (not a secret: it is to be repeatable)
