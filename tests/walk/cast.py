"""Everybody who may call, and something of every kind that belongs to alice and to carol, in the database of
the environment.

python -m tests.walk.cast     prints {"keys": {caller: KEY}, "cookies": {name: COOKIE},
                                      "own": {name: {parameter: id}}}
"""

import json
import uuid
from datetime import timedelta
from typing import Any

import django

if __name__ == "__main__":
    django.setup()

from django.conf import settings
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from chat.actions.files import file_create
from chat.actions.keys import key_create
from chat.actions.sessions import session_delete
from chat.actions.share_links import link_create
from chat.models import (
    ApiKey,
    Budget,
    ChatSession,
    Comment,
    File,
    Memory,
    Message,
    Prompt,
    Run,
    Summary,
    ToolCall,
)
from providers.catalogue import sync_environment
from tests.cast import make_user

DAY = timedelta(days=1)


def callers() -> dict[str, str]:
    alice, carol, operator, disabled, demoted = (
        make_user(name) for name in ("alice", "carol", "olga", "dan", "dora")
    )
    keys = {name: key_create(user=user) for name, user in (("owner", alice), ("other", carol))}
    operator.is_staff = operator.is_superuser = True
    operator.save()
    keys["operator"] = key_create(user=operator)
    keys["disabled"] = key_create(user=disabled)
    disabled.is_active = False
    disabled.save()
    demoted.user_permissions.set(Permission.objects.all())
    keys["demoted"] = key_create(user=demoted)
    keys["narrow"] = key_create(user=alice, scopes=["providers"])
    keys["revoked"] = key_create(user=alice)
    keys["expired"] = key_create(user=alice)
    for name in ("revoked", "expired"):
        row = keys[name][0]
        setattr(row, f"{name.replace('expired', 'expires')}_at", timezone.now() - DAY)
        row.save()
    return {name: key for name, (_, key) in keys.items()}


def cookies() -> dict[str, str]:
    """Of browsers that are signed in; one of them as somebody who is disabled by now."""
    found = {}
    for name, username in (("owner", "alice"), ("other", "carol"), ("disabled", "dan")):
        browser = Client()
        browser.force_login(make_user(username), backend=settings.AUTHENTICATION_BACKENDS[0])
        found[name] = browser.cookies["sessionid"].value
    return found


def belongings(user: Any, member: Any) -> dict[str, Any]:
    """By the names that parameters have in the paths."""
    session = ChatSession.objects.create(owner=user, title="secret title")
    session.members.create(user=member, role="viewer")
    asked = Message.objects.create(session=session, role="user", parts=_text("secret words"), author=user)
    answer = Message.objects.create(session=session, role="assistant", parts=_text("secret"), parent=asked)
    ChatSession.objects.filter(pk=session.pk).update(leaf=answer)
    run = Run.objects.create(
        session=session,
        message=answer,
        user=user,
        status=Run.Status.COMPLETED,
        provider="demo",
        model="fast",
        finished_at=timezone.now(),
        pruned=True,
    )
    session.refresh_from_db()
    link, token = link_create(session=session, user=user, expires_at=timezone.now() + DAY, live=False)
    return {
        "session_id": session.pk,
        "run_id": run.pk,
        "message_id": answer.pk,
        "user_id": member.pk,
        "file_id": file_create(owner=user, data=b"secret file", name="a.txt").pk,
        "summary_id": Summary.objects.create(session=session, upto=answer, text="secret").pk,
        "memory_id": Memory.objects.create(user=user, text="secret").pk,
        "prompt_id": Prompt.objects.create(user=user, command=uuid.uuid4().hex, text="secret").pk,
        "link_id": link.pk,
        "token": token,
        "comment_id": Comment.objects.create(session=session, message=answer, author=user, text="secret").pk,
        "key_id": key_create(user=user, name="walked")[0].pk,
        "budget_id": Budget.objects.create(user=user, period="month", runs=10_000).pk,
        "tool_call_id": ToolCall.objects.create(
            run=run, tool_call_id=uuid.uuid4().hex, tool="clock", arguments="{}", requested_at=timezone.now()
        ).tool_call_id,
    }


def forget(what: dict[str, Any]) -> None:
    session_delete(session=ChatSession.objects.get(pk=what["session_id"]))
    File.objects.filter(pk=what["file_id"]).delete()
    for model, name in (
        (Memory, "memory_id"),
        (Prompt, "prompt_id"),
        (ApiKey, "key_id"),
        (Budget, "budget_id"),
    ):
        model.objects.get(pk=what[name]).delete()


def _text(text: str) -> list[dict[str, Any]]:
    return [{"type": "text", "id": uuid.uuid4().hex, "text": text}]


def main() -> None:
    sync_environment()
    keys = callers()
    alice, carol, bob = (make_user(name) for name in ("alice", "carol", "bob"))
    own = {user.username: belongings(user, bob) for user in (alice, carol)}
    own["spent"] = belongings(alice, bob)
    own["gone"] = belongings(alice, bob)
    forget(own["gone"])
    print(json.dumps({"keys": keys, "cookies": cookies(), "own": own}, default=str))


if __name__ == "__main__":
    main()
