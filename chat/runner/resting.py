"""Whether an execution only waits for other runs: then it takes no place away from them."""

from dataclasses import dataclass


@dataclass(slots=True)
class Rest:
    on: bool = False
