"""Stages, without a server: what each is given, and what is refused."""

import pytest

from chat.agents.problems import problem_with
from chat.agents.stages import Output, Stage, filled, input_of

OUTPUTS = {
    "one": [Output(agent="a", label="A", text="from {two.output} and {message}")],
    "two": [Output(agent="b", label="B", text="good"), Output(agent="c", label="C", missing="No answer.")],
}


def test_places_are_filled_once_and_unknown_ones_stay() -> None:
    said = filled("{message}|{one.output}|{two.b}|{three.output}|{x}", "M {one.output}", OUTPUTS)
    assert said == "M {one.output}|from {two.output} and {message}|good|{three.output}|{x}"


def test_several_outputs_stand_under_their_labels_and_a_missing_one_is_named() -> None:
    assert filled("{two.output}", "", OUTPUTS) == "## B\n\ngood\n\n## C\n\n(This part is missing: No answer.)"


def test_a_stage_without_a_template_gets_the_message_and_what_came_before() -> None:
    stages = [Stage(name="one", agents=("a",)), Stage(name="last", agents=("b",))]
    assert input_of(stages, 0, "Hi", {}) == "Hi"
    outputs = {"one": [Output(agent="a", label="A", text="found")]}
    assert input_of(stages, 1, "Hi", outputs) == "Hi\n\nfound"


WRONG = [
    [Stage(name="a b", agents=("x",))],
    [Stage(name="message", agents=("x",))],
    [Stage(name="one", agents=())],
    [Stage(name="one", agents=("x", "x"))],
    [Stage(name="one", agents=("nobody",))],
    [Stage(name="one", agents=("x",)), Stage(name="one", agents=("x",))],
    [Stage(name="one", agents=("x",)), Stage(name="two", agents=("x", "y"))],
    [Stage(name="one", agents=("x",), input="{two.output}"), Stage(name="two", agents=("x",))],
    [Stage(name="one", agents=("x",)), Stage(name="two", agents=("x",), input="{one.y}")],
    [Stage(name=f"s{index}", agents=("x",)) for index in range(21)],
]


@pytest.mark.parametrize("stages", WRONG)
def test_stages_that_cannot_work_are_refused(stages: list[Stage]) -> None:
    assert problem_with(stages, lambda name: name in "xy")


def test_what_is_shipped_is_said_in_the_readers_language() -> None:
    from chat.agents.shipping import shipped_agents
    from chat.strings_shipped import SHIPPED
    from chat.tools import builtin
    from chat.tools.functions import function_tools

    agents = shipped_agents()
    stages = [stage for agent in agents for stage in agent.get("stages") or ()]
    labels = {one["label"] for one in [*agents, *stages] if one.get("label")}
    tools = {tool.description for tool in function_tools() if hasattr(builtin, tool.name)}
    assert labels | tools == set(SHIPPED)


def test_the_shipped_definitions_are_in_order(demo: None) -> None:
    from chat.agents.fields import agent_save
    from chat.agents.shipping import agents_ship, shipped_agents
    from chat.models import Agent

    for fields in shipped_agents():
        agent_save(fields)
    Agent.objects.filter(name="novachat").update(label="Ours", enabled=False)
    agents_ship()
    ours = Agent.objects.get(name="novachat")
    assert (ours.label, ours.enabled) == ("Ours", False)
