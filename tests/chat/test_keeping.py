"""Events of ended runs are thrown away in time; the answer stays readable, in every representation."""

from datetime import timedelta
from typing import Any

from tests.clients import Api, ClientState, Socket, read_ndjson, read_poll, read_sse

TEXT = "# 标题\n\nKept 👋"


async def test_a_pruned_run_is_read_from_its_message(own_server: Any) -> None:
    own_server.environment["EVENT_RETENTION_HOURS"] = "0"
    own_server.start()
    keys = own_server.cast()
    async with Api(own_server.url, keys["alice"]) as alice:
        session = await alice.session()
        script = [{"reasoning": "Well."}, {"text": TEXT}]
        sent = await alice.send(session["id"], model="demo/chat", options={"script": script})
        run_id, message_id = sent["runs"][0]["id"], sent["runs"][0]["message_id"]
        await alice.ended(run_id)
        own_server.manage("cleanup")
        stored = (await alice.messages(session["id"]))[message_id]
        for read in (read_sse, read_ndjson, read_poll):
            state = ClientState()
            state.messages = {message_id: {"id": message_id, "status": "running", "parts": []}}
            state.runs = {run_id: {"id": run_id}}
            async for frame in read(alice, run_id, 0):
                assert state.apply(frame)
            assert state.messages[message_id]["parts"] == stored["parts"]
        late = await alice.http.get(f"/api/runs/{run_id}/events/?after=2")
        position = {f"session:{session['id']}": 1, f"run:{run_id}": 2}
        async with await Socket.open(own_server.ws_url, keys["alice"]) as socket:
            await socket.ask("subscribe", session_id=session["id"], position=position)
            assert (await socket.frame())["type"] == "snapshot"
    assert (late.status_code, late.json()["error"]["code"]) == (410, "events_pruned")
    assert stored["text"] == TEXT


def test_what_lost_its_owner_is_deleted(alice: Any) -> None:
    from chat.actions.cleaning import orphans_delete
    from chat.actions.sessions import session_create, session_update
    from chat.models import StreamEvent

    kept = session_update(session=session_create(owner=alice), title="Kept")
    StreamEvent.objects.create(stream="run:nobody", seq=1, type="finish", frame="{}")
    assert orphans_delete() == 1
    assert list(StreamEvent.objects.values_list("stream", flat=True)) == [kept.stream]


def test_young_events_are_kept(alice: Any, demo: None) -> None:
    from django.utils import timezone

    from chat.actions.cleaning import events_prune
    from chat.actions.messages import message_send
    from chat.commands import SendMessage
    from chat.models import Run

    sent = message_send(user=alice, session=None, command=SendMessage(client_id="x", text="Hello"))
    Run.objects.filter(id=sent.runs[0].id).update(finished_at=timezone.now() - timedelta(hours=23))
    assert events_prune() == 0
