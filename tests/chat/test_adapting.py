"""The pace of reading while only answers are open that nobody keeps."""

from chat.runner.adapting import OpenAnswers
from chat.runner.pace import MAX_TICK, MIN_TICK, Pace
from providers.reading import ReadPace
from tests.clients import eventually


async def test_what_a_burst_left_is_taken_back_though_nothing_is_committed() -> None:
    pace = Pace()
    pace.tick = ReadPace.interval = MAX_TICK
    answers = OpenAnswers(pace)
    answers.enter()
    answers.leave()

    async def at_rest() -> bool:
        return pace.tick == ReadPace.interval == MIN_TICK

    await eventually(at_rest)
