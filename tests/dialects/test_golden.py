"""Every dialect writes each case as the golden file has it."""

import pytest

from providers.events import RunEvent
from tests.dialects.golden import OPTIONS, cases, golden
from tests.dialects.readers import READERS, encoded


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize(("case", "events"), cases())
def test_a_case_is_written_as_its_golden_file(name: str, case: str, events: list[RunEvent]) -> None:
    assert encoded(name, events, **OPTIONS).decode() == golden(case, name).read_text()
