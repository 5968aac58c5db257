"""The stages of a workflow: who works in which, and what each is given. Pure.

A stage is one agent or several side by side, or a question to the person; the last is one agent, and what it
writes is the answer. A stage's input is a template: `{message}` is what the person said, `{stage.output}`
what an earlier stage gave and `{stage.agent}` what one agent of it did. What is filled in is not read as a
template again.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from chat.agents.conditions import Condition, Repeat

MOST_STAGES: Final = 20
MOST_AGENTS: Final = 16  # of one stage
MESSAGE: Final = "message"
MISSING: Final = "(This part is missing: {reason})"
_PLACE: Final = re.compile(r"\{([A-Za-z0-9_-]+)(?:\.([A-Za-z0-9_-]+))?\}")


class Stage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`ask` is a question to the person, in the place of agents. A stage whose `when` does not hold is passed
    over; `repeat` goes back after it."""

    name: str
    agents: tuple[str, ...] = ()
    label: str = ""
    input: str = ""
    ask: str = ""
    when: Condition | None = None
    repeat: Repeat | None = None

    @property
    def title(self) -> str:
        return self.label or self.name

    @property
    def weight(self) -> int:
        """How many parts of the work it is."""
        return len(self.agents) or 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """What one agent gave: a text, or the reason why there is none."""

    agent: str
    label: str
    text: str = ""
    missing: str = ""

    @property
    def said(self) -> str:
        return MISSING.format(reason=self.missing) if self.missing else self.text


Outputs = Mapping[str, Sequence[Output]]  # by stage, in the order of its agents


def stages_from(told: Any) -> tuple[Stage, ...]:
    """Of a list that was checked, or of None. Raises msgspec.ValidationError."""
    return msgspec.convert(told or [], tuple[Stage, ...])


def input_of(stages: Sequence[Stage], index: int, message: str, outputs: Outputs) -> str:
    """What a stage is given."""
    if stages[index].input:
        return filled(stages[index].input, message, outputs)
    before = [merged(outputs[stage.name]) for stage in stages[:index] if outputs.get(stage.name)]
    return "\n\n".join([message, *before[-1:]])


def filled(template: str, message: str, outputs: Outputs) -> str:
    """Stages that gave nothing are empty; places that nothing is known of stay as they are."""

    def value(place: re.Match[str]) -> str:
        stage, agent = place.groups()
        if stage == MESSAGE and agent is None:
            return message
        if stage not in outputs or agent is None:
            return place.group()
        return merged(outputs[stage]) if agent == "output" else _of(outputs[stage], agent, place.group())

    return _PLACE.sub(value, template)


def merged(outputs: Sequence[Output]) -> str:
    """One text alone, or several under their labels, with a word for what is missing."""
    if len(outputs) == 1:
        return outputs[0].said
    return "\n\n".join(f"## {output.label}\n\n{output.said}" for output in outputs)


def _of(outputs: Sequence[Output], agent: str, otherwise: str) -> str:
    nothing = otherwise if outputs else ""
    return next((output.said for output in outputs if output.agent == agent), nothing)


def start_of(stages: Sequence[Stage], index: int) -> int:
    """Where the loop begins that ends with this stage."""
    repeat = stages[index].repeat
    return next(i for i, stage in enumerate(stages) if repeat and stage.name == repeat.stage)


def places_in(template: str) -> list[tuple[str, str, str]]:
    """Each as (as it stands, stage, agent or `output`)."""
    return [(found.group(), found.group(1), found.group(2) or "") for found in _PLACE.finditer(template)]
