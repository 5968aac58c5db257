"""Python functions as tools, the tools that are built in, and what is checked before one runs."""

import contextlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.models import McpServer, ToolRule
from chat.tools import functions
from chat.tools.calculator import calculate
from chat.tools.catalogue import all_tools, toolbox
from chat.tools.contract import CallContext
from chat.tools.errors import ArgumentsInvalid
from chat.tools.functions import function_tools, tool
from chat.tools.validation import arguments_from, capped

CONTEXT = CallContext(tool_call_id="1")


@pytest.fixture(autouse=True)
def registry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(functions, "_registered", dict(functions._registered))
    functions._built.cache_clear()


def built(name: str) -> Any:
    return next(found for found in function_tools() if found.name == name)


async def test_a_function_is_a_tool_with_its_signature_and_docstring() -> None:
    @tool(side_effects=False)
    async def population(city: str, context: CallContext, year: int = 2020) -> str:
        """How many people live in a city.

        Args:
            city: in English
        """
        return f"{city} {year} {context.tool_call_id}"

    made = built("population")
    assert made.description == "How many people live in a city."
    assert made.parameters["required"] == ["city"]
    assert made.parameters["properties"]["city"]["description"] == "in English"
    assert set(made.parameters["properties"]) == {"city", "year"}
    assert await made.run({"city": "Hangzhou"}, CONTEXT) == "Hangzhou 2020 1"
    assert made.policy == "always"


async def test_a_plain_function_runs_beside_the_loop_and_asks_first_by_default() -> None:
    @tool(name="plain", description="It adds.")
    def add(a: int, b: int) -> int:
        return a + b

    made = built("plain")
    assert (made.policy, made.side_effects, made.description) == ("ask", True, "It adds.")
    assert await made.run({"a": 1, "b": 2}, CONTEXT) == 3
    with pytest.raises(ArgumentsInvalid, match="b: Field required"):
        await made.run({"a": 1}, CONTEXT)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("1 + 2 * 3", 7),
        ("2^10", 1024),
        ("sqrt(2) ** 2", pytest.approx(2)),
        ("-7 // 2", -4),
        ("max(1, 2, pi)", 3.141592653589793),
    ],
)
def test_the_calculator_calculates(expression: str, value: float) -> None:
    assert calculate(expression) == value


@pytest.mark.parametrize(
    "expression",
    [
        "9**9**9",
        "factorial(10**9)",
        "1/0",
        "__import__('os')",
        "(1).real",
        "'a'*9",
        "[1]*9",
        "1e308*10",
        "(" * 500,
        "",
        "lambda: 1",
        "(-1)**0.5",
    ],
)
def test_the_calculator_refuses_what_is_no_arithmetic_or_too_large(expression: str) -> None:
    with pytest.raises(ArgumentsInvalid):
        calculate(expression)


@given(st.text(max_size=60))
def test_the_calculator_gives_a_number_or_says_no(expression: str) -> None:
    with contextlib.suppress(ArgumentsInvalid):
        assert isinstance(calculate(expression), int | float)


async def test_the_time_is_told_in_a_zone_or_the_zone_is_refused() -> None:
    told = await built("current_time").run({"timezone": "Asia/Shanghai"}, CONTEXT)
    assert told["time"].endswith("+08:00")
    with pytest.raises(ArgumentsInvalid):
        await built("current_time").run({"timezone": "../../etc/passwd"}, CONTEXT)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "not valid JSON"),
        ("[]", "not a JSON object"),
        ('{"a": NaN}', "not valid JSON"),
        ('{"a": "x"}', "a: 'x' is not"),
        ("{}", "required"),
    ],
)
def test_arguments_that_do_not_fit_are_refused_with_their_place(text: str, said: str) -> None:
    schema = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}
    with pytest.raises(ArgumentsInvalid, match=said):
        arguments_from(text, schema)


def test_a_schema_that_refers_elsewhere_is_refused_and_not_fetched() -> None:
    with pytest.raises(ArgumentsInvalid):
        arguments_from('{"a": 1}', {"properties": {"a": {"$ref": "http://127.0.0.1:1/schema"}}})


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
        lambda v: st.lists(v) | st.dictionaries(st.text(), v),
    )
)
def test_outputs_are_kept_without_nul_and_cut_when_long(output: Any) -> None:
    kept = capped(output, 200)
    assert "\x00" not in str(kept)
    assert len(str(kept)) < 1000


@pytest.mark.django_db
def test_tools_of_one_name_get_their_servers_name_before_it() -> None:
    listed = [
        {"name": name, "description": "", "parameters": {}, "read_only": True}
        for name in ("calculator", "echo")
    ]
    for name in ("one", "two"):
        McpServer.objects.create(name=name, url="http://x", tools=listed, policy="always")
    ToolRule.objects.create(tool="one_echo", policy="never")
    names = {found.name for found in all_tools()}
    assert {"calculator", "one_calculator", "two_calculator", "one_echo", "two_echo"} <= names
    assert "echo" not in names
    assert set(toolbox(None).server) == {"one_calculator", "two_calculator", "two_echo"}
    assert set(toolbox(["one_echo", "calculator", {"name": "mine"}]).server) == {"calculator"}


def test_a_package_brings_tools_by_its_entry_point(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "brought_tools.py").write_text(
        'def brought(n: int) -> int:\n    """Double."""\n    return 2 * n\n'
    )
    about = tmp_path / "brought-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: brought\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[parley.tools]\ndouble = brought_tools:brought\n")
    monkeypatch.syspath_prepend(tmp_path)
    functions._load_entry_points.cache_clear()
    made = built("double")
    functions._load_entry_points.cache_clear()
    assert (made.description, made.policy) == ("Double.", "ask")
    assert set(made.parameters["properties"]) == {"n"}
