"""Every kind that comes with Parley, held to the contract."""

import asyncio

import pytest

from tests.contract.kind import Kind, collect
from tests.contract.kinds import ALL, DEMO
from tests.contract.suite import AdapterContract, AnswerContract, ToolContract
from tests.fakes.provider import FakeProvider


@pytest.fixture
def kind(request: pytest.FixtureRequest) -> Kind:
    found: Kind = request.param
    return found


def each(kinds: list[Kind]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("kind", kinds, ids=lambda kind: kind.name, indirect=True)


@each([kind for kind in ALL if kind.networked])
class TestNetworkedKinds(AdapterContract):
    pass


@each([DEMO])
class TestDemo(AnswerContract, ToolContract):
    async def test_cancelling_stops_it(self, fake: FakeProvider, kind: Kind) -> None:
        task = asyncio.create_task(collect(kind.adapter(fake), kind.request(script=[{"wait": 600}])))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
