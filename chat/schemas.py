"""Whether a value fits a JSON schema, however either was made: both may come from people who mean harm.

References out of the schema are never fetched, patterns have a time limit, and the whole has one. Run it in a
thread: a check may take as long as it is allowed to.
"""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from typing import Any, Final

import regex
from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError, ValidationError
from jsonschema.validators import extend
from referencing import Registry
from referencing.jsonschema import SchemaRegistry

SECONDS: Final = 2.0
SHOWN: Final = 300  # characters of a reason
NO_REFERENCES: Final[SchemaRegistry] = Registry()

_Check = Callable[[Any, Any, Any, Any], Iterator[ValidationError] | None]
_until: ContextVar[float] = ContextVar("until")


class Misfit(Exception):  # noqa: N818 - it says what it is
    """The value does not fit: the place in it, and why."""


class Unusable(Exception):  # noqa: N818
    """The schema itself is none, or takes too long."""


def check_schema(schema: Mapping[str, Any]) -> None:
    """Raises Unusable."""
    try:
        Draft202012Validator.check_schema(dict(schema))
    except SchemaError as error:
        raise Unusable(_told(error)) from None
    except (RecursionError, ValueError, LookupError, TypeError):
        raise Unusable("This is no JSON schema.") from None


def check(value: Any, schema: Mapping[str, Any]) -> None:
    """Raises Misfit, and Unusable."""
    given = _until.set(time.monotonic() + SECONDS)
    try:
        _Validator(dict(schema), registry=NO_REFERENCES).validate(value)
    except ValidationError as error:
        raise Misfit(_told(error)) from None
    except TimeoutError:
        raise Unusable("The check against the schema takes too long.") from None
    except Exception as error:  # a reference that leads nowhere, which comes from another library
        raise Unusable("The schema cannot be used.") from error
    finally:
        _until.reset(given)


def _told(error: ValidationError | SchemaError) -> str:
    place = ".".join(str(step) for step in error.absolute_path)
    return f"{place}: {error.message[:SHOWN]}".removeprefix(": ")


def _left() -> float:
    left = _until.get() - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _timed(check: _Check) -> _Check:
    def timed(validator: Any, told: Any, value: Any, schema: Any) -> Iterator[ValidationError]:
        _left()
        for error in check(validator, told, value, schema) or ():
            _left()
            yield error

    return timed


def _pattern(validator: Any, pattern: str, value: Any, schema: Any) -> Iterator[ValidationError]:
    if isinstance(value, str) and not regex.search(pattern, value, timeout=_left()):
        yield ValidationError(f"{value!r} does not match {pattern!r}")


def _pattern_properties(validator: Any, told: Any, value: Any, schema: Any) -> Iterator[ValidationError]:
    for pattern, wanted in told.items():
        for name, item in value.items() if isinstance(value, dict) else ():
            if regex.search(pattern, name, timeout=_left()):
                yield from validator.descend(item, wanted, path=name, schema_path=pattern)


def _unique_items(validator: Any, told: Any, value: Any, schema: Any) -> Iterator[ValidationError]:
    """In one pass: the library's own compares each with each."""
    if told and isinstance(value, list) and len({json.dumps(v, sort_keys=True) for v in value}) < len(value):
        yield ValidationError("an item is there twice")


_OWN: Final[Mapping[str, _Check]] = {
    "pattern": _pattern,
    "patternProperties": _pattern_properties,
    "uniqueItems": _unique_items,
}
_Validator: Final = extend(
    Draft202012Validator,
    {word: _timed(_OWN.get(word, check)) for word, check in Draft202012Validator.VALIDATORS.items()},
)
