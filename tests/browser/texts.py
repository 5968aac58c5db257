"""Long answers for the tests: many scripts, many marks, awkwardly cut."""

import random

_BLOCKS = (
    "## 第{n}节：流式输出 Section {n}\n\n",
    "中文段落，带有**重点：**和`代码`，还有全角标点！Emoji 👩‍👩‍👧‍👦 🇨🇳 👋🏽 and e\u0301 combine.\n\n",
    "- one\n- two with snake_case_name and array[{n}]\n  - nested 嵌套 $x and $y\n\n",
    "```python\ndef f{n}(x: str) -> str:\n    # 注释 ``` not the end\n"
    '    return f"{{x}} <b>&amp;</b>"\n```\n\n',
    "| 列 | column |\n|---|:-:|\n| {n} | `a|b` |\n| 值 | 5 * 3 * 2 |\n\n",
    "> A quote, 引用 {n}\n> that goes on\n\n1. first\n2. second\n\n",
    "A line with <i>HTML</i>, a [link](https://example.org/{n}?a=1&b=2) and trailing spaces  \nnext line\n\n",
)


def long_answer(pieces: int = 2000, seed: int = 7) -> list[str]:
    """About `pieces` deltas of 1 to 9 characters, cut without regard for marks or graphemes."""
    source = random.Random(seed)
    text = ""
    while len(text) < pieces * 5:
        text += source.choice(_BLOCKS).replace("{n}", str(len(text))).replace("{{", "{").replace("}}", "}")
    cuts = []
    while text:
        size = source.randint(1, 9)
        cuts.append(text[:size])
        text = text[size:]
    return cuts
