"""The search: nothing that was planted is in anything that a server left, shows or has told."""

import asyncio
from collections.abc import Iterable
from typing import Any

from tests.canaries.pages import shown
from tests.canaries.places import Left
from tests.canaries.words import PLANTED, found_in


async def leaks(shape: Any) -> list[str]:
    """In what it shows and has left. `shape` is a Cluster or an Embedded server that is up."""
    seen = [page async for page in shown(shape.url, shape.keys["alice"])]
    return await asyncio.to_thread(lambda: [*leaks_in(shape, seen), *leaks_in(shape, shape.standing.left())])


def leaks_in(shape: Any, places: Iterable[Left]) -> list[str]:
    """In words, what was found where."""
    secrets = {**PLANTED, **{f"{name}'s key": key for name, key in shape.keys.items()}}
    return [f"{name} is in {place}" for place, data in places for name in found_in(data, secrets)]
