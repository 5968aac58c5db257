"""The base of all events, apart from any of them."""

import re

import msgspec


def _kebab(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower()


class Event(msgspec.Struct, frozen=True, kw_only=True, tag=_kebab, tag_field="type"):
    """Base of all run events. Encodes to a flat JSON object with a `type`."""

    @property
    def type(self) -> str:
        return str(self.__struct_config__.tag)
