"""What `/readyz` tells of what the server stands on."""

from typing import Any

import pytest
from django.test import Client

from tests.services import free_port


@pytest.mark.django_db
@pytest.mark.parametrize(("redis", "status", "layer"), [("", "ok", "ok"), ("away", "degraded", "away")])
def test_the_layer_and_the_queue_are_told_of_and_the_log_is_enough(
    client: Client, settings: Any, redis: str, status: str, layer: str
) -> None:
    settings.REDIS_URL = redis and f"redis://127.0.0.1:{free_port()}/0"
    told = client.get("/readyz")
    assert told.status_code == 200
    assert told.json() == {"status": status, "database": "ok", "layer": layer, "queue": layer}
