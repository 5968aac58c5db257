"""What is wrong with the stages of a workflow, in a sentence for whoever wrote them. Pure."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Final

from chat.agents.conditions import MOST_ROUNDS, Condition
from chat.agents.stages import MESSAGE, MOST_AGENTS, MOST_STAGES, Stage, places_in

NAME: Final = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,47}$"
Usable = Callable[[str], bool]


def problem_with(stages: Sequence[Stage], usable: Usable) -> str:
    """Empty where nothing is. `usable` says whether an agent is there and has no stages."""
    return next(_problems(stages, usable), "")


def circle_through(name: str, named: Mapping[str, Collection[str]]) -> tuple[str, ...]:
    """From an agent over those that each names back to itself; empty where there is no such way."""
    ways: list[tuple[str, ...]] = [(name,)]
    seen: set[str] = set()
    while ways:
        way = ways.pop()
        for member in named.get(way[-1], ()):
            if member == name:
                return (*way, name)
            if member not in seen:
                seen.add(member)
                ways.append((*way, member))
    return ()


def _problems(stages: Sequence[Stage], usable: Usable) -> Iterator[str]:
    if len(stages) > MOST_STAGES:
        yield f"There can be at most {MOST_STAGES} stages."
    for index, stage in enumerate(stages):
        yield from _in_name(stage, stages[:index])
        yield from _in_agents(stage, usable)
        yield from _in_loop(stage, stages[: index + 1])
        yield from _in_places(stage, stages[:index], _reached(stages, index))
    if stages and not _answers(stages[-1]):
        yield "The last stage has one agent and nothing else: it writes the answer."
    if sum(stage.repeat.most for stage in stages if stage.repeat) > MOST_ROUNDS:
        yield f"All loops together can have at most {MOST_ROUNDS} rounds."


def _in_name(stage: Stage, earlier: Sequence[Stage]) -> Iterator[str]:
    if not re.match(NAME, stage.name) or stage.name == MESSAGE:
        yield f"{stage.name[:80]!r} cannot be a stage's name."
    if any(stage.name == other.name for other in earlier):
        yield f"There are two stages called {stage.name!r}."


def _in_agents(stage: Stage, usable: Usable) -> Iterator[str]:
    if stage.ask and stage.agents:
        yield f"The stage {stage.name!r} has agents or asks the person, not both."
    elif not stage.ask and (
        not 0 < len(stage.agents) <= MOST_AGENTS or len(set(stage.agents)) < len(stage.agents)
    ):
        yield f"The stage {stage.name!r} has 1 to {MOST_AGENTS} agents, each once."
    for name in stage.agents:
        if not usable(name):
            yield f"The stage {stage.name!r}: no agent {name[:80]!r} without stages of its own is here."


def _in_loop(stage: Stage, until_here: Sequence[Stage]) -> Iterator[str]:
    if stage.repeat is None:
        return
    if stage.repeat.most < 2:
        yield f"The stage {stage.name!r}: a loop has at least 2 rounds."
    if all(stage.repeat.stage != other.name for other in until_here):
        yield f"The stage {stage.name!r} goes back to {stage.repeat.stage[:80]!r}, which is not before it."


def _in_places(stage: Stage, earlier: Sequence[Stage], reached: Sequence[Stage]) -> Iterator[str]:
    """`reached` are those that may have given something when this one begins, or ends."""
    until = stage.repeat.until if stage.repeat else None
    for condition in filter(None, (stage.when, until)):
        if condition.is_empty:
            yield f"The stage {stage.name!r}: a condition says contains, lacks or equals."
    yield from _unknown(stage, (stage.input, stage.ask, _text(stage.when)), [*earlier, *reached])
    yield from _unknown(stage, (_text(until),), [*earlier, *reached, stage])


def _unknown(stage: Stage, templates: Sequence[str], known: Sequence[Stage]) -> Iterator[str]:
    parts = {other.name: {"output", *other.agents} for other in known}
    for template in templates:
        for place, name, part in places_in(template):
            if not (part in parts.get(name, ()) if part else name == MESSAGE):
                yield f"The stage {stage.name!r} does not know {place}."


def _reached(stages: Sequence[Stage], index: int) -> Sequence[Stage]:
    """Later ones, and itself, that are done before it where a loop goes back."""
    names = [stage.name for stage in stages]
    ends = [
        last
        for last, stage in enumerate(stages[index:], index)
        if stage.repeat and stage.repeat.stage in names[: index + 1]
    ]
    return stages[index : ends[-1] + 1] if ends else ()


def _text(condition: Condition | None) -> str:
    return condition.text if condition else ""


def _answers(stage: Stage) -> bool:
    return len(stage.agents) == 1 and stage.when is None and stage.repeat is None
