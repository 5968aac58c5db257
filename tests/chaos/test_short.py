"""A few of the faults of `make chaos`, in every test run: the oracle judges, no clock does."""

import shlex
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.canaries.searching import leaks, leaks_in
from tests.chaos.cluster import Cluster
from tests.chaos.embedded import Embedded
from tests.chaos.plays import Fault, all_faults, secrets
from tests.chaos.processes import ROOT, web_arguments
from tests.chaos.stage import perform
from tests.services import find

SHORT = [fault for fault in all_faults() if fault.short]
LEASE = "5"  # seconds; shorter than in production, so that a takeover is not waited for so long


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def cluster() -> AsyncIterator[Cluster]:
    if not all(map(find, ("nginx", "redis-server", "postgres"))):
        pytest.skip("needs nginx, Redis and PostgreSQL: python -m tests.services")
    with tempfile.TemporaryDirectory(prefix="parley-cluster-") as folder:
        async with Cluster(Path(folder), DRAIN_SECONDS="2", RUN_LEASE_SECONDS=LEASE) as cluster:
            yield cluster


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("fault", SHORT, ids=lambda fault: fault.name)
async def test_the_three_records_agree_after(cluster: Cluster, fault: Fault) -> None:
    stage = await perform(fault.play, cluster, fault.counted)
    assert stage.problems == [], stage.facts


@pytest.mark.timeout(900)
@pytest.mark.asyncio(loop_scope="module")
async def test_no_planted_secret_is_found_anywhere_after_that(cluster: Cluster) -> None:
    assert await leaks(cluster) == []


@pytest.mark.timeout(900)
async def test_the_embedded_server_tells_no_secret(tmp_path: Path) -> None:
    async with Embedded(tmp_path) as embedded:
        stage = await perform(secrets.embedded, embedded)
        assert stage.problems == []
        assert leaks_in(embedded, embedded.standing.left()) == []


def test_the_cluster_serves_as_the_unit_does() -> None:
    """What is tried here is what deploy/ gives to operators."""
    unit = (ROOT / "deploy" / "systemd" / "parley-web@.service").read_text().replace("\\\n", " ")
    line = next(line for line in unit.splitlines() if line.startswith("ExecStart="))
    assert shlex.split(line)[1:] == web_arguments("%i")


def test_the_image_serves_with_the_same_limits() -> None:
    image = (ROOT / "deploy" / "Dockerfile").read_text()
    for option in web_arguments("8000"):
        if option.startswith("--ws") or option.startswith("--timeout"):
            assert option in image
