"""A question of our own, asked from time to time on the way that every other goes: a session, a run, the
queue, a provider, the log, the layer, a viewer. What its viewer saw is held against what is stored.

Its session is temporary: no list shows it. It belongs to an account that nobody can sign in to.
"""

import asyncio
import logging
import time
import uuid
from typing import Final

import orjson
from django.conf import settings
from django.contrib.auth import get_user_model

from chat.actions.duties import duty_take, duty_tell
from chat.actions.messages import message_send
from chat.actions.sessions import session_create, session_delete
from chat.commands import SendMessage
from chat.db import in_database
from chat.events import Entry
from chat.hub import Hub
from chat.metrics import CANARIES, CANARY_DELAY, CANARY_TIME
from chat.models import Run
from chat.viewers import Viewer
from providers.events import decode_event
from providers.folding import fold
from providers.parts import Parts, parts_from_json, text_of

logger = logging.getLogger(__name__)

DUTY: Final = "canary"
NAME: Final = "parley-canary"  # of the account
PATIENCE: Final = 60.0  # seconds until an answer counts as lost
WORDS: Final = "Say in one sentence that you are well."


class Canary:
    """In processes that serve viewers; one at a time sings."""

    def __init__(self, owner: str, hub: Hub) -> None:
        self._owner = owner
        self._hub = hub

    async def sing(self) -> None:
        """When it is this process's turn."""
        lease = 2 * settings.CANARY_SECONDS + PATIENCE
        if await in_database(duty_take, name=DUTY, owner=self._owner, seconds=lease):
            await self._sing_once()

    async def _sing_once(self) -> None:
        started = time.monotonic()
        run = await in_database(_asked)
        if run is None:
            return
        wrong = await self._heard(run)
        CANARIES.labels("lost" if wrong else "ok").inc()
        if wrong:
            logger.warning("canary: %s", wrong, extra={"fields": {"run_id": run.id}})
        else:
            CANARY_TIME.observe(time.monotonic() - started)
            await in_database(session_delete, session=run.session)  # others stay an hour, to be looked at
        await in_database(duty_tell, name=DUTY, told=wrong)

    async def _heard(self, run: Run) -> str:
        """What is wrong, or nothing."""
        listener = Listener()
        viewer = Viewer(str(run.session_id), {run.stream: 0}, listener, follows_runs=False)
        await self._hub.join(viewer)
        try:
            async with asyncio.timeout(PATIENCE):
                await listener.ended.wait()
        except TimeoutError:
            return f"No end of the answer came within {PATIENCE:.0f} s."
        finally:
            self._hub.leave(viewer)
        return await in_database(_compared, run, listener)


class Listener:
    """A viewer's reader that keeps what it is shown."""

    is_slow = False

    def __init__(self) -> None:
        self.ended = asyncio.Event()
        self.parts: Parts = ()
        self.holes = 0
        self._last = 0

    async def show(self, entry: Entry) -> None:
        CANARY_DELAY.observe(max(time.time() - orjson.loads(entry.frame)["ts"] / 1000, 0.0))
        self.holes += entry.seq != self._last + 1
        self._last = entry.seq
        self.parts = fold(self.parts, decode_event(entry.frame))
        if entry.ends_run:
            self.ended.set()


def _asked() -> Run | None:
    """None before the owner made an account: until then nobody else may."""
    users = get_user_model().objects
    if not users.filter(is_superuser=True).exists():
        return None
    user, is_new = users.get_or_create(username=NAME)
    if is_new:
        user.set_unusable_password()
        user.save(update_fields=["password"])
    session = session_create(owner=user, title=DUTY, memory=False, temporary=True)
    command = SendMessage(client_id=uuid.uuid4().hex, text=WORDS, model=settings.CANARY_MODEL)
    return message_send(user=user, session=session, command=command).runs[0]


def _compared(run: Run, heard: Listener) -> str:
    kept = Run.objects.select_related("message").get(pk=run.pk)
    if kept.status != Run.Status.COMPLETED:
        code = (kept.error or {}).get("code", "without an error")
        return f"The answer of {settings.CANARY_MODEL} is {kept.status}: {code}."
    if heard.holes:
        return f"The viewer met {heard.holes} holes."
    if text_of(heard.parts) != text_of(parts_from_json(kept.message.parts)):
        return "The viewer saw another text than the one that is stored."
    return ""
