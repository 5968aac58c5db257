"""Viewers of a workflow: besides its answer they show what each of its agents writes, as the page does."""

import json
from typing import Any

from providers.events import decode_event
from providers.folding import fold
from providers.parts import Parts, parts_from_json, text_of
from tests.chaos.viewers import SocketViewer
from tests.clients import Frame


class LaneViewer(SocketViewer):
    """`lanes` are parts by run, `order` the numbers of each run's entries as they were applied."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.lanes: dict[str, Parts] = {}
        self.order: dict[str, list[int]] = {}

    def lane(self, run_id: str) -> str:
        return text_of(self.lanes.get(run_id, ()))

    def _apply(self, frame: Frame) -> None:
        before = len(self.state.applied)
        super()._apply(frame)
        if frame["type"] == "snapshot":
            told = {run["id"]: run["parts"] for run in frame["runs"] if run.get("parts")}
            self.lanes.update({run_id: parts_from_json(parts) for run_id, parts in told.items()})
        elif len(self.state.applied) > before and frame["stream"].startswith("run:"):
            run_id = frame["run_id"]
            self.order.setdefault(run_id, []).append(frame["seq"])
            self.lanes[run_id] = fold(self.lanes.get(run_id, ()), decode_event(json.dumps(frame)))
