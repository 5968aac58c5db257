"""Which tool call a piece of a stream belongs to.

By the format `index` keys the call. Servers that imitate it leave the index out, give all calls the same one,
leave ids out or tell them late, repeat name and id with every piece, or send arguments as an object.
"""

import json
from typing import Any

import msgspec

from providers.adapters.calls import tool_input
from providers.adapters.decoding import text
from providers.adapters.writing import PartWriter


class _Function(msgspec.Struct):
    name: Any = None
    arguments: Any = None


class ToolDelta(msgspec.Struct):
    index: Any = None
    id: Any = None
    function: _Function | None = None


class CalledTools:
    def __init__(self, writer: PartWriter) -> None:
        self.called = 0
        self._writer = writer
        self._by_index: dict[Any, int] = {}
        self._ids: dict[int, str] = {}

    def read(self, delta: ToolDelta) -> None:
        function = delta.function or _Function()
        call_id, name, piece = text(delta.id), text(function.name), _arguments(function.arguments)
        key = self._key(delta.index if isinstance(delta.index, int) else None, call_id, name, piece)
        if call_id:
            self._ids.setdefault(key, call_id)
        self._writer.call(key, call_id=call_id, name=name)
        self._writer.arguments(key, piece)

    def _key(self, index: int | None, call_id: str, name: str, piece: str) -> int:
        """Our number of the call."""
        if index is None:
            known = self._by_id(call_id) if call_id else (None if name else self.called or None)
        else:
            known = self._by_index.get(index)
        if known is None or self._is_another(known, call_id, name, piece):
            self.called += 1
            known = self.called
        self._by_index[index] = known
        return known

    def _by_id(self, call_id: str) -> int | None:
        return next((key for key, told in self._ids.items() if told == call_id), None)

    def _is_another(self, key: int, call_id: str, name: str, piece: str) -> bool:
        """A name that comes again under a used index begins another call, if it has another id or if the one
        there is whole already."""
        told = self._ids.get(key, "")
        if not name or (call_id and call_id == told):
            return False
        if call_id and told:
            return True
        return bool(piece) and tool_input(self._writer.arguments_of(key))[0] is not None


def _arguments(value: Any) -> str:
    return json.dumps(value) if isinstance(value, dict) else text(value)
