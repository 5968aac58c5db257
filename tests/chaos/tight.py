"""The embedded shape on a disk so small that it can be filled."""

import asyncio
import subprocess
from typing import Final

from tests.chaos.embedded import Embedded
from tests.chaos.stage import Skipped

SIZE: Final = "32m"
PIECE: Final = b"\0" * 65_536


class Tight(Embedded):
    """Its data folder is a file system of its own; `fill` leaves not one block free."""

    async def __aenter__(self) -> "Tight":
        await asyncio.to_thread(self._mount)
        try:
            await super().__aenter__()
        except BaseException:
            self._unmount()
            raise
        return self

    async def __aexit__(self, *how: object) -> None:
        await super().__aexit__(*how)
        await asyncio.to_thread(self._unmount)

    def fill(self) -> None:
        with (self.folder / "filler").open("wb", buffering=0) as filler:
            for piece in (PIECE, PIECE[:4096]):
                _write_until_full(filler, piece)

    def empty(self) -> None:
        (self.folder / "filler").unlink(missing_ok=True)

    async def heal(self) -> None:
        self.empty()
        await super().heal()

    def _mount(self) -> None:
        command = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(self.folder)]
        if subprocess.run(command, capture_output=True).returncode:
            raise Skipped("needs the right to mount a file system")

    def _unmount(self) -> None:
        subprocess.run(["umount", "--lazy", str(self.folder)], check=True)


def _write_until_full(file: object, piece: bytes) -> None:
    try:
        while True:
            file.write(piece)  # type: ignore[attr-defined]
    except OSError:
        return
