"""A Python function's arguments as a JSON schema, from its signature and docstring, and back again.

Imports pydantic, which takes a moment: only what runs or lists tools imports this.
"""

import inspect
from collections.abc import Callable
from typing import Annotated, Any, get_type_hints

import docstring_parser
from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model

from chat.tools.contract import CallContext
from chat.tools.errors import ArgumentsInvalid


class Signature:
    """What a function takes. A parameter annotated with CallContext gets the context and is not shown."""

    def __init__(self, function: Callable[..., Any]) -> None:
        told = docstring_parser.parse(function.__doc__ or "")
        self.description = (told.description or "").strip()
        hints = get_type_hints(function, include_extras=True)
        self._context = next((name for name, hint in hints.items() if hint is CallContext), None)
        described = {param.arg_name: param.description for param in told.params}
        fields = {
            name: (Annotated[hints.get(name, Any), Field(description=described.get(name))], _default(param))
            for name, param in inspect.signature(function).parameters.items()
            if name != self._context
        }
        config = ConfigDict(extra="forbid")
        self._model: type[BaseModel] = create_model(function.__name__, __config__=config, **fields)  # type: ignore[call-overload]

    @property
    def parameters(self) -> dict[str, Any]:
        schema = self._model.model_json_schema()
        return {key: value for key, value in schema.items() if key != "title"}

    def keywords(self, arguments: dict[str, Any], context: CallContext) -> dict[str, Any]:
        """Arguments in the types that the function asks for. Raises ArgumentsInvalid."""
        try:
            checked = self._model.model_validate(arguments)
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(str(step) for step in first["loc"])
            raise ArgumentsInvalid(f"{place}: {first['msg']}") from None
        given = {name: getattr(checked, name) for name in type(checked).model_fields}
        return given | ({self._context: context} if self._context else {})


def _default(param: inspect.Parameter) -> Any:
    return ... if param.default is inspect.Parameter.empty else param.default
