"""JSON in and out of the REST API: strict on the way in, fast on the way out.

DRF's own parser lets NaN, NUL and lone surrogates through and answers deep nesting with a traceback.
"""

from collections.abc import Mapping
from typing import IO, Any

import orjson
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer

from chat.commands import MAX_FRAME, refuse_nul
from chat.errors import Invalid, TooLarge


class StrictJSONParser(BaseParser):
    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        body = stream.read(MAX_FRAME + 1)
        if len(body) > MAX_FRAME:
            raise TooLarge
        refuse_nul(body.decode("utf-8", "replace"))
        try:
            value = orjson.loads(body)
        except orjson.JSONDecodeError:
            raise Invalid("The body is not valid JSON.", code="bad_json") from None
        if not isinstance(value, dict):
            raise Invalid("The body must be a JSON object.", code="bad_json")
        return value


class FastJSONRenderer(BaseRenderer):
    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None
    ) -> bytes:
        return b"" if data is None else orjson.dumps(data, default=str)
