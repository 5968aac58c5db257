"""What a caller may set for an answer, as far as this server itself acts on it, checked."""

import json
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from chat.commands import place_of
from chat.errors import Invalid
from chat.schemas import Unusable, check_schema
from providers.forming import OPTION, form_of

MOST_SCHEMA: Final = 64 * 1024  # characters of its JSON text


def checked_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """The same. Raises Invalid that names the field."""
    try:
        form = form_of(options)
    except msgspec.ValidationError as error:
        reason, place = place_of(error)
        raise Invalid(reason, field=".".join(filter(None, ("options", OPTION, place)))) from None
    if form and form.json_schema:
        _check_schema(form.json_schema.schema)
    return dict(options)


def _check_schema(schema: Mapping[str, Any]) -> None:
    field = f"options.{OPTION}.json_schema.schema"
    if len(json.dumps(schema)) > MOST_SCHEMA:
        raise Invalid(f"A schema has {MOST_SCHEMA} characters at most.", field=field)
    try:
        check_schema(schema)
    except Unusable as error:
        raise Invalid(str(error), field=field) from None
