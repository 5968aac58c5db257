"""The scaled shape in the middle of an upgrade: it begins with an older version's code and schema.

The older version is the commit that CHAOS_OLD names, otherwise the last tag, otherwise the first version that
promised anything. Where this clone does not have it the plays are skipped, and that is said.
"""

import asyncio
import os
import subprocess
from pathlib import Path
from typing import Final

from tests.chaos.cluster import Cluster
from tests.chaos.processes import ROOT, Process
from tests.chaos.stage import Skipped

FIRST: Final = "e68be83"  # the first version that was given to operators
FETCHED: Final = ("node_modules", "build")  # not committed; the same for both


class Upgrade(Cluster):
    """Everything is old until `migrate` brings the database up to date and `renew` single processes."""

    versions = 2

    def __init__(self, folder: Path, **environment: str) -> None:
        super().__init__(folder, **environment)
        self.old = old_commit()
        self.tree = folder / "old"
        unpack(self.old, self.tree)

    async def migrate(self) -> None:
        """The new version's migrations, while the old one serves."""
        self.tree = ROOT
        await asyncio.to_thread(self.manage, "prepare")

    async def renew(self, process: Process) -> None:
        process.term()
        await process.ended()
        process.tree = ROOT
        process.start()
        await self.ready()


def old_commit() -> str:
    """Raises Skipped where there is none."""
    name = os.environ.get("CHAOS_OLD") or _git("describe", "--tags", "--abbrev=0") or FIRST
    commit = _git("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
    if not commit:
        raise Skipped(f"this clone does not have the older version {name}: set CHAOS_OLD to a commit it has")
    return commit


def unpack(commit: str, folder: Path) -> None:
    folder.mkdir()
    archive = folder.with_suffix(".tar")
    _git("archive", "--output", str(archive), commit)
    subprocess.run(["tar", "-xf", str(archive), "-C", str(folder)], check=True)
    for name in FETCHED:
        (folder / name).symlink_to(ROOT / name)


def _git(*arguments: str) -> str:
    """Nothing where git says no, or is not there."""
    try:
        said = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True)
    except FileNotFoundError:
        return ""
    return said.stdout.strip() if said.returncode == 0 else ""
