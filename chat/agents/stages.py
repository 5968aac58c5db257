"""The stages of a workflow: who works in which, and what each is given. Pure.

A stage is one agent or several side by side; the last stage is one agent, and what it writes is the answer. A
stage's input is a template: `{message}` is what the person said, `{stage.output}` what an earlier stage gave
and `{stage.agent}` what one agent of it did. What is filled in is not read as a template again.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec

NAME: Final = r"^[A-Za-z0-9][A-Za-z0-9_-]*$"
MOST_STAGES: Final = 20
MOST_AGENTS: Final = 16  # of one stage
MESSAGE: Final = "message"
MISSING: Final = "(This part is missing: {reason})"
_PLACE: Final = re.compile(r"\{([A-Za-z0-9_-]+)(?:\.([A-Za-z0-9_-]+))?\}")


class Stage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str = msgspec.field()
    agents: tuple[str, ...] = ()
    label: str = ""
    input: str = ""

    @property
    def title(self) -> str:
        return self.label or self.name


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


def problem_with(stages: Sequence[Stage], usable: Callable[[str], bool]) -> str:
    """What is wrong, empty where nothing is. `usable` says whether an agent is there and has no stages."""
    if len(stages) > MOST_STAGES:
        return f"There can be at most {MOST_STAGES} stages."
    earlier: dict[str, Stage] = {}
    for stage in stages:
        if problem := _stage_problem(stage, earlier, usable):
            return problem
        earlier[stage.name] = stage
    if stages and len(stages[-1].agents) != 1:
        return "The last stage has one agent: it writes the answer."
    return ""


def input_of(stages: Sequence[Stage], index: int, message: str, outputs: Outputs) -> str:
    """What a stage is given."""
    stage = stages[index]
    last = f"\n\n{{{stages[index - 1].name}.output}}" if index else ""
    return filled(stage.input or f"{{{MESSAGE}}}{last}", message, outputs)


def filled(template: str, message: str, outputs: Outputs) -> str:
    """Places that nothing is known of stay as they are."""

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
    return next((output.said for output in outputs if output.agent == agent), otherwise)


def _stage_problem(stage: Stage, earlier: Mapping[str, Stage], usable: Callable[[str], bool]) -> str:
    if not re.match(NAME, stage.name) or stage.name == MESSAGE:
        return f"{stage.name[:80]!r} cannot be a stage's name."
    if stage.name in earlier:
        return f"There are two stages called {stage.name!r}."
    if not 0 < len(stage.agents) <= MOST_AGENTS or len(set(stage.agents)) < len(stage.agents):
        return f"The stage {stage.name!r} has 1 to {MOST_AGENTS} agents, each once."
    for name in stage.agents:
        if not usable(name):
            return (
                f"The stage {stage.name!r}: there is no agent called {name[:80]!r} without stages of its own."
            )
    unknown = (m.group() for m in _PLACE.finditer(stage.input) if not _known(m, earlier))
    return f"The stage {stage.name!r} does not know {place}." if (place := next(unknown, "")) else ""


def _known(place: re.Match[str], earlier: Mapping[str, Stage]) -> bool:
    stage, part = place.groups()
    if part is None:
        return stage == MESSAGE
    return stage in earlier and (part == "output" or part in earlier[stage].agents)
