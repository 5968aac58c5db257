"""`manage.py doctor` finds what is wrong with a deployment, and nothing where nothing is."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from chat.doctor import inside, outside
from chat.doctor.findings import State, examined, skip
from providers.models import Provider
from tests.prepared import ROOT
from tests.services import find, free_port, redis, wait_for_port

PROXY = """daemon off; master_process off; pid {run}/pid; error_log {run}/error.log;
events {{ worker_connections 64; }}
http {{
  access_log off; client_body_temp_path {run}/a; proxy_temp_path {run}/b; fastcgi_temp_path {run}/c;
  uwsgi_temp_path {run}/d; scgi_temp_path {run}/e;
  server {{
    listen 127.0.0.1:{port};
    location / {{ proxy_pass {upstream}; proxy_set_header Host $http_host; {settings} }}
  }}
}}"""
CAREFUL = """proxy_http_version 1.1; proxy_buffering off;
    proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade;"""
CARELESS = "proxy_buffering on; proxy_ignore_headers X-Accel-Buffering;"


@contextmanager
def nginx(run: Path, upstream: str, settings: str) -> Iterator[str]:
    """A proxy in front of `upstream`; gives its URL."""
    program = find("nginx")
    if program is None:
        pytest.skip("needs nginx: python -m tests.services")
    port = free_port()
    run.mkdir()
    (run / "conf").write_text(PROXY.format(run=run, port=port, upstream=upstream, settings=settings))
    command = [program, "-p", str(run), "-c", str(run / "conf"), "-e", str(run / "error.log")]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            wait_for_port(port)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def examine(server: Any, *arguments: str, **environment: str) -> tuple[int, dict[str, list[dict[str, str]]]]:
    """The exit code, and the findings by their name."""
    asked = [sys.executable, "manage.py", "doctor", "--json", *arguments]
    environment = {**server.environment, **environment}
    done = subprocess.run(asked, cwd=ROOT, env=environment, stdout=subprocess.PIPE, timeout=100)
    found: dict[str, list[dict[str, str]]] = {}
    for finding in json.loads(done.stdout)["findings"]:
        found.setdefault(finding["check"], []).append(finding)
    return done.returncode, found


def test_a_careful_proxy_passes_and_a_careless_one_is_found(server: Any, tmp_path: Path) -> None:
    with (
        nginx(tmp_path / "careful", server.url, CAREFUL) as good,
        nginx(tmp_path / "careless", server.url, CARELESS) as bad,
    ):
        well, fine = examine(server, "--url", good)
        ill, wrong = examine(server, "--url", bad)
    assert well == 0, fine
    assert fine["streaming"][0]["state"] == fine["websocket"][0]["state"] == "ok"
    assert ill == 1
    assert wrong["address"][0]["state"] == "ok"
    assert wrong["streaming"][0]["state"] == wrong["websocket"][0]["state"] == "fail"
    assert "proxy_buffering off" in wrong["streaming"][0]["todo"]
    assert "Upgrade" in wrong["websocket"][0]["todo"]


def test_an_address_where_nothing_answers_is_found() -> None:
    [nowhere] = examined([("address", lambda: outside.reachable(f"http://127.0.0.1:{free_port()}"))])
    assert nowhere.state == State.FAIL
    assert nowhere.todo


@pytest.mark.django_db
def test_secrets_of_a_lost_key_are_named_and_not_shown() -> None:
    Provider.objects.create(id="kept", kind="demo", api_key_encrypted="gAAAAA-of-a-key-that-is-gone")
    found = inside.keys()
    assert found.state == State.FAIL
    assert "kept" in found.said
    assert "gAAAAA" not in found.said


@pytest.mark.django_db
def test_the_database_is_found_well_and_up_to_date() -> None:
    found = [
        *examined([("database", inside.database), ("migrations", inside.migrations), ("clock", inside.clock)])
    ]
    assert not [finding for finding in found if finding.state == State.FAIL]


def test_a_queue_that_nobody_reads_is_found(server: Any) -> None:
    if find("redis-server") is None:
        pytest.skip("needs Redis: python -m tests.services")
    with redis() as url:
        code, found = examine(server, REDIS_URL=url)
    assert code == 1
    assert found["redis"][0]["state"] == found["layer"][0]["state"] == "ok"
    assert found["queue"][0]["state"] == "fail"
    assert "manage.py worker" in found["queue"][0]["todo"]


def test_a_check_that_breaks_says_so_and_the_others_go_on() -> None:
    def broken() -> Any:
        raise RuntimeError("no such thing")

    first, second = examined([("broken", broken), ("redis", lambda: skip("redis", "none"))])
    assert (first.state, second.state) == (State.FAIL, State.SKIP)
    assert "no such thing" in first.said
