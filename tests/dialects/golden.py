"""The golden files: each case in `cases/` as every dialect writes it.

python -m tests.dialects.golden     write them anew; look at the difference before you commit it
"""

from collections.abc import Iterator
from pathlib import Path

from providers.events import RunEvent, decode_event
from tests.dialects.readers import READERS, encoded

HERE = Path(__file__).parent
OPTIONS = {"include_usage": True}


def cases() -> Iterator[tuple[str, list[RunEvent]]]:
    for path in sorted((HERE / "cases").glob("*.jsonl")):
        yield path.stem, [decode_event(line) for line in path.read_text().splitlines()]


def golden(case: str, name: str) -> Path:
    return HERE / "golden" / f"{case}.{name}.txt"


def main() -> None:
    for case, events in cases():
        for name in READERS:
            golden(case, name).write_bytes(encoded(name, events, **OPTIONS))


if __name__ == "__main__":
    main()
