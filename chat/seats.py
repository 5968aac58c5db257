"""The connections that budgets allow at once, over all processes: each socket holds a place while it is open.

Places are leases like those at providers: they come back by themselves when a process dies.
"""

from collections.abc import Iterable
from typing import Any

from django.utils import timezone

from chat.budgets.rules import Payer, Rule, rules_for
from chat.guard import Caller
from chat.models.keys import came_with
from providers.places import Place
from providers.routing import Limits
from providers.switchboard import switchboard


def seat_rules(caller: Caller) -> tuple[Rule, ...]:
    """Those that limit the caller's connections. Sync, on the ORM."""
    key = came_with(caller.user)
    payer = Payer(user_id=caller.user.pk, key_id=key.id if key else None)
    return tuple(rule for rule in rules_for(payer) if rule.sockets is not None)


class Seats:
    """One socket's."""

    def __init__(self) -> None:
        self._places: list[Place] = []

    async def take(self, rules: Iterable[Rule], user_id: Any) -> Rule | None:
        """The rule that leaves no room, if there is one."""
        for rule in rules:
            limits = Limits(max_concurrency=rule.sockets or 0)
            name = f"sockets:{rule.counter(user_id, timezone.now())}"
            place = switchboard().limiter.place(name, limits, 0)
            self._places.append(place)
            if not await place.taken():
                self.leave()
                return rule
        return None

    def leave(self) -> None:
        """As often as one likes."""
        for place in self._places:
            place.leave()
        self._places.clear()
