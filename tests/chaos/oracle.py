"""The oracle: what the provider sent, what is stored, and what each viewer showed must agree."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from providers.events import decode_event
from providers.folding import fold_all
from providers.parts import parts_from_json, parts_to_json, text_of
from tests.chaos.viewers import SocketViewer, StreamViewer, Viewer
from tests.clients import Api, Frame
from tests.fakes.provider import Received

ENDS = ("finish", "abort", "error")


@dataclass(frozen=True)
class Records:
    """All that is known of one run after its end."""

    answer: str  # what the provider was to say
    requests: Sequence[Received]
    run: Frame
    message: Frame
    log: Sequence[Frame]
    viewers: Sequence[Viewer]
    versions: int = 1  # more than one: what an older one wrote lacks the fields that a newer one knows

    @property
    def stored(self) -> str:
        return str(self.message["text"])

    @property
    def kept(self) -> str:
        """What the last attempt went on from, said in the log; nothing where it began anew."""
        starts = [index for index, frame in enumerate(self.log) if frame["type"] == "attempt-start"]
        if not starts or not self.log[starts[-1]]["keeps"]:
            return ""
        return text_of(fold_all((), [decode_event(json.dumps(frame)) for frame in self.log[: starts[-1]]]))


@dataclass
class Verdict:
    problems: list[str] = field(default_factory=list)

    def expect(self, holds: bool, problem: str) -> None:
        if not holds:
            self.problems.append(problem)


async def stored_records(
    api: Api, session_id: str, run_id: str, message_id: str
) -> tuple[Frame, Frame, list[Frame]]:
    run = await api.run(run_id)
    message = (await api.messages(session_id))[message_id]
    return run, message, await run_log(api, run_id)


async def run_log(api: Api, run_id: str) -> list[Frame]:
    """All that is logged by now."""
    log: list[Frame] = []
    while True:
        page = (await api.http.get(f"/api/runs/{run_id}/events/?after={len(log)}")).json()["events"]
        log.extend(page)
        if not page or page[-1]["type"] in ENDS:
            return log


def judge(records: Records, statuses: Sequence[str] = ("completed",)) -> list[str]:
    """What does not agree, in words; nothing when all does."""
    verdict = Verdict()
    status = records.run["status"]
    verdict.expect(
        status in statuses, f"the run is {status}, not {' or '.join(statuses)}: {records.run['error']}"
    )
    _judge_log(records, verdict)
    _judge_provider(records, verdict)
    for number, viewer in enumerate(records.viewers, 1):
        _judge_viewer(records, viewer, f"viewer {number}", verdict)
    return verdict.problems


def _judge_log(records: Records, verdict: Verdict) -> None:
    seqs = [frame["seq"] for frame in records.log]
    verdict.expect(seqs == list(range(1, len(seqs) + 1)), f"the log has holes: {_holes(seqs)}")
    ends = [frame["type"] for frame in records.log if frame["type"] in ENDS]
    verdict.expect(len(ends) == 1, f"the log has the ends {ends}")
    parts = fold_all((), [decode_event(json.dumps(frame)) for frame in records.log])
    verdict.expect(
        parts_to_json(parts) == records.message["parts"], "the log folds to something else than stored"
    )
    verdict.expect(not any(part.get("open") for part in records.message["parts"]), "a part was never closed")
    attempts = [frame["attempt"] for frame in records.log if frame["type"] == "run-start"]
    verdict.expect(len(attempts) == len(set(attempts)), f"attempts began twice: {attempts}")


def _judge_provider(records: Records, verdict: Verdict) -> None:
    requests, run = records.requests, records.run
    verdict.expect(len(requests) <= run["attempt"], f"{len(requests)} requests for {run['attempt']} attempts")
    last = records.kept + requests[-1].sent if requests else ""
    if run["status"] == "completed":
        verdict.expect(
            records.stored == records.answer, _difference("stored", records.stored, records.answer)
        )
        verdict.expect(records.stored == last, _difference("stored against sent", records.stored, last))
    elif run["attempt"] == len(requests):
        verdict.expect(
            last.startswith(records.stored), _difference("stored against sent", records.stored, last)
        )
    for kept in run.get("set_aside", []):
        text = text_of(parts_from_json(kept["parts"]))
        verdict.expect(records.answer.startswith(text), _difference("set aside", text, records.answer))


def _judge_viewer(records: Records, viewer: Viewer, name: str, verdict: Verdict) -> None:
    verdict.expect(viewer.failure is None, f"{name}: {viewer.failure}")
    verdict.expect(
        viewer.text == records.stored, f"{name}: {_difference('shown', viewer.text, records.stored)}"
    )
    if isinstance(viewer, SocketViewer):
        message = viewer.state.messages.get(viewer.message_id)
        differing = _differing(message or {}, records.message, common_only=records.versions > 1)
        verdict.expect(not differing, f"{name} holds another message than is stored: {differing}")
        verdict.expect(len(viewer.state.applied) == len(set(viewer.state.applied)), f"{name} applied twice")
    if isinstance(viewer, StreamViewer):
        verdict.expect(viewer.end == records.log[-1], f"{name} saw another end")
    kept = {
        item["attempt"]: text_of(parts_from_json(item["parts"])) for item in records.run.get("set_aside", [])
    }
    for attempt, text in viewer.seen.items():
        verdict.expect(
            kept.get(attempt, records.kept).startswith(text),
            f"{name} saw text of attempt {attempt} that is lost",
        )


def _differing(shown: Frame, stored: Frame, *, common_only: bool) -> list[str]:
    names = shown.keys() & stored.keys() if common_only and shown else shown.keys() | stored.keys()
    return sorted(name for name in names if shown.get(name) != stored.get(name))


def _holes(seqs: Sequence[int]) -> list[tuple[int, int]]:
    return [(a, b) for a, b in zip([0, *seqs], seqs, strict=False) if b != a + 1][:5]


def _difference(what: str, text: str, other: str) -> str:
    same = next(
        (i for i, (a, b) in enumerate(zip(text, other, strict=False)) if a != b), min(len(text), len(other))
    )
    sizes = f"{len(text)} characters against {len(other)}"
    return f"{what}: {sizes}, the same up to {same}: {text[same : same + 30]!r}"


def counted(records: Records) -> dict[str, Any]:
    """For the report."""
    return {
        "attempts": records.run["attempt"],
        "requests": len(records.requests),
        "sent": len(records.requests[-1].sent) if records.requests else 0,
        "stored": len(records.stored),
        "shown": [len(viewer.text) for viewer in records.viewers],
    }
