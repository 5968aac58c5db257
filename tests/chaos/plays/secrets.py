"""Upstreams that repeat their keys: nobody else is told of them. What all faults have left is searched after
the last of them: tests.canaries.searching."""

from tests.canaries.provoking import provoke
from tests.canaries.searching import leaks_in
from tests.chaos.plays import fault
from tests.chaos.stage import Stage


@fault("secrets: upstreams repeat them", short=True)
async def cluster(stage: Stage) -> None:
    await no_leaks(stage)


@fault("embedded: secrets: upstreams repeat them", shape="embedded")
async def embedded(stage: Stage) -> None:
    await no_leaks(stage)


async def no_leaks(stage: Stage) -> None:
    for leak in leaks_in(stage.shape, await provoke(stage.shape)):
        stage.expect(False, leak)
