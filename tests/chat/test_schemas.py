"""Checks against schemas of people who mean harm: they end, and fetch nothing."""

import time
from typing import Any

import pytest

from chat import schemas
from tests.fakes.provider import FakeProvider

DOUBLING = {
    "$ref": "#/$defs/a0",
    "$defs": {f"a{n}": {"allOf": [{"$ref": f"#/$defs/a{n + 1}"}] * 2} for n in range(60)} | {"a60": {}},
}


def test_the_place_and_the_reason_are_told() -> None:
    schema = {"properties": {"a": {"items": {"type": "integer"}}}}
    with pytest.raises(schemas.Misfit, match=r"^a\.1: 'x' is not of type 'integer'$"):
        schemas.check({"a": [1, "x"]}, schema)
    schemas.check({"a": [1, 2]}, schema)


@pytest.mark.parametrize(
    ("value", "schema"),
    [
        ({}, DOUBLING),
        ("a" * 40 + "!", {"pattern": "^(a|a)*$"}),
        ({"a" * 40 + "!": 1}, {"patternProperties": {"^(a|a)*$": {}}}),
    ],
)
def test_a_check_that_would_take_for_ever_is_given_up(
    monkeypatch: pytest.MonkeyPatch, value: Any, schema: dict[str, Any]
) -> None:
    monkeypatch.setattr(schemas, "SECONDS", 0.2)
    began = time.monotonic()
    with pytest.raises(schemas.Unusable, match="too long"):
        schemas.check(value, schema)
    assert time.monotonic() - began < 60  # by itself it would be years


def test_items_that_are_there_twice_are_found() -> None:
    schemas.check([{"a": 1}, {"a": True}, [1]], {"uniqueItems": True})
    with pytest.raises(schemas.Misfit, match="twice"):
        schemas.check([{"a": 1, "b": 2}, {"b": 2, "a": 1}], {"uniqueItems": True})


async def test_a_reference_out_of_the_schema_is_never_fetched(fake: FakeProvider) -> None:
    with pytest.raises(schemas.Unusable):
        schemas.check({}, {"$ref": f"{fake.root_url}/schema.json"})
    assert fake.connections == 0
