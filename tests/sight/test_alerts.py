"""What is wrong is told once when it begins and once when it ends, by signed webhook and e-mail."""

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from chat.actions.alerts import alert_told, alerts_keep, alerts_owed
from chat.actions.duties import duty_take
from chat.budgets.nearing import used_shares
from chat.doctor.alerting import alerts
from chat.doctor.findings import State
from chat.models import Alert, Budget, BudgetCounter, Duty
from chat.watch.incidents import Figures, Incident, Limits, incidents
from providers.windows import Totals
from tests.clients import Api, eventually
from tests.services import free_port

SMTP = "django.core.mail.backends.smtp.EmailBackend"
SECRET = "whsec_" + base64.b64encode(b"a secret of the tests").decode()
LIMITS = Limits(error_rate=0.2, budget_share=0.9, queue_seconds=30)
WELL = {"failed": {}, "breakers": {}, "totals": {}, "budgets": {}}
DOWN = Incident(kind="provider_down", subject="openai/gpt", said="It fails.")


@pytest.mark.parametrize(
    ("seen", "kind"),
    [
        ({"failed": {"openai": "refused"}}, "provider_down"),
        ({"breakers": {"openai/gpt": "open"}}, "provider_down"),
        ({"breakers": {"openai/gpt": "closed"}}, None),
        ({"totals": {"openai": Totals(requests=10, errors=2)}}, "error_rate"),
        ({"totals": {"openai": Totals(requests=9, errors=9)}}, None),
        ({"totals": {"openai": Totals(requests=100, errors=19)}}, None),
        ({"budgets": {"user alice, day": 0.9}}, "budget_near"),
        ({"budgets": {"user alice, day": 0.89}}, None),
        ({"queued": 3, "waits": 30.0}, "queue_long"),
        ({"queued": 3, "waits": 29.0}, None),
        ({"canary": "no answer"}, "canary_lost"),
    ],
)
def test_what_is_an_incident(seen: dict[str, Any], kind: str | None) -> None:
    found = incidents(Figures(**{**WELL, **seen}), LIMITS)
    assert [incident.kind for incident in found] == ([kind] if kind else [])


@pytest.mark.django_db
def test_an_incident_begins_once_and_ends_once(settings: Any) -> None:
    settings.ALERT_CALM_SECONDS = 60
    for _ in range(3):
        alerts_keep(found=[DOWN], ways=["email"])
    [alert] = Alert.objects.all()
    assert alert.owed == [["email", "began"]]
    alerts_keep(found=[], ways=["email"])
    assert Alert.objects.get().ended_at is None  # it may come back in a moment
    Alert.objects.update(seen_at=timezone.now() - timedelta(seconds=61))
    [owed] = alerts_owed()
    alert_told(alert=owed, way="email", word="began")
    for _ in range(2):
        alerts_keep(found=[], ways=["email"])
    assert [alert.owed for alert in alerts_owed()] == [[["email", "ended"]]]
    alert_told(alert=alerts_owed()[0], way="email", word="ended")
    assert not alerts_owed()
    alerts_keep(found=[DOWN], ways=[])
    assert Alert.objects.count() == 2


@pytest.mark.django_db
def test_one_process_at_a_time_has_a_duty() -> None:
    assert duty_take(name="watch", owner="one", seconds=60)
    assert not duty_take(name="watch", owner="two", seconds=60)
    assert duty_take(name="watch", owner="one", seconds=60)
    Duty.objects.update(until=timezone.now() - timedelta(days=1))
    assert duty_take(name="watch", owner="two", seconds=60)
    assert not duty_take(name="watch", owner="one", seconds=60)


@pytest.mark.django_db
def test_a_budget_is_near_by_the_amount_of_which_most_is_used(alice: Any) -> None:
    budget = Budget.objects.create(user=alice, period="day", runs=10, tokens=100)
    now = timezone.now()
    counter = f"b{budget.pk}:{now:%Y-%m-%d}"
    BudgetCounter.objects.create(name=counter, runs=2, tokens=95, ends_at=now + timedelta(days=1))
    assert used_shares() == {"user alice, day": 0.95}


class Receiver(BaseHTTPRequestHandler):
    """Keeps what was posted, and takes nothing at first."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        posted: list[Any] = self.server.posted  # type: ignore[attr-defined]
        posted.append((dict(self.headers.items()), body))
        self.send_response(503 if len(posted) == 1 else 204)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def hook() -> Iterator[Any]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    server.posted = []  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


def verified(headers: dict[str, str], body: bytes) -> dict[str, Any]:
    """What was posted, if its signature is right."""
    told = {name.lower(): value for name, value in headers.items()}
    signed = f"{told['webhook-id']}.{told['webhook-timestamp']}.".encode() + body
    digest = hmac.new(b"a secret of the tests", signed, hashlib.sha256).digest()
    assert told["webhook-signature"] == f"v1,{base64.b64encode(digest).decode()}"
    return dict(json.loads(body), name=told["webhook-id"])


async def test_a_provider_that_fails_is_told_of_and_that_it_is_well_again(
    own_server: Any, vendor: Any, hook: Any, tmp_path: Path
) -> None:
    mails = tmp_path / "mails"
    own_server.environment.update(
        ALERT_WEBHOOK_URL=f"http://127.0.0.1:{hook.server_address[1]}/hook",
        ALERT_WEBHOOK_SECRET=SECRET,
        ALERT_EMAILS="operator@example.org",
        EMAIL_URL=f"filemail:///{mails}",
        WATCH_SECONDS="0.3",
        ALERT_CALM_SECONDS="0.5",
        PROVIDER_FAILURES="1",
        PROVIDER_PAUSE_SECONDS="0.2",
        PROVIDER_CHECK_SECONDS="0",
    )
    own_server.start()

    def posted() -> list[dict[str, Any]]:
        return [verified(*one) for one in list(hook.posted)]

    async def told(word: str) -> bool:
        return any(one["type"] == f"alert.{word}" for one in posted())

    async def mailed() -> bool:
        return len(list(mails.glob("*"))) >= 2

    vendor.play(status=500, body={"error": {"message": "broken"}})
    async with Api(own_server.url, own_server.cast()["alice"]) as alice:
        session = await alice.session()
        await alice.ended((await alice.send(session["id"], model="openai/gpt-alert"))["runs"][0]["id"])
        await eventually(lambda: told("began"))
        vendor.play()

        async def well_again() -> bool:
            """Another process may learn of the first answer too late to close the breaker by it."""
            run = (await alice.send(session["id"], model="openai/gpt-alert"))["runs"][0]
            await alice.ended(run["id"])
            return await told("ended")

        await eventually(well_again)
        await eventually(mailed)
    first = posted()[0]
    assert (first["data"]["kind"], first["data"]["subject"]) == ("provider_down", "openai/gpt-alert")
    assert [one["name"] for one in posted()].count(first["name"]) == 2  # it was refused once


def test_the_doctor_sends_a_test_in_every_way_and_says_what_to_do(
    settings: Any, hook: Any, tmp_path: Path
) -> None:
    settings.ALERT_EMAILS, settings.EMAIL_BACKEND = ["operator@example.org"], SMTP
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    settings.ALERT_WEBHOOK_URL = f"http://127.0.0.1:{hook.server_address[1]}/hook"
    settings.ALERT_WEBHOOK_SECRET = SECRET
    refused = list(alerts())
    assert [one.state for one in refused] == [State.FAIL, State.FAIL]
    assert "EMAIL_URL" in refused[0].todo and "ALERT_WEBHOOK_SECRET" in refused[1].todo
    settings.EMAIL_BACKEND, settings.EMAIL_FILE_PATH = SMTP.replace("smtp", "filebased"), tmp_path
    assert [one.state for one in alerts()] == [State.WARN, State.OK]
    assert verified(*hook.posted[-1])["data"]["kind"] == "test"
    assert "nothing is wrong" in next(tmp_path.iterdir()).read_text()


def test_the_doctor_says_that_nobody_is_told(settings: Any) -> None:
    settings.ALERT_EMAILS, settings.ALERT_WEBHOOK_URL, settings.ALERT_WEBHOOK_SECRET = (
        [],
        "https://a.example",
        "",
    )
    assert [one.state for one in alerts()] == [State.WARN, State.SKIP]
