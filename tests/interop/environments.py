"""Environments for packages of others that do not fit beside Parley's own, made once under build/interop.

What is in one says its requirements file, or node/package-lock.json, with hashes. One is made anew when that
file has changed. `make clean` removes them.

python -m tests.interop.environments     make all that are missing, or say why one cannot be made
"""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

HERE = Path(__file__).resolve().parent
MADE = HERE.parent.parent / "build" / "interop"
PYTHON = ("agno", "litellm", "llama")  # files in requirements/
SECONDS_TO_INSTALL = 900  # ends an installer that waits for a network


class CannotInstallError(Exception):
    """The packages are not to be had here; the text says why."""


def python(name: str) -> Path:
    """The interpreter of the environment of requirements/NAME.txt."""
    lock = HERE / "requirements" / f"{name}.txt"
    folder = _made(name, lock.read_bytes(), lambda folder: _install_python(folder, lock))
    return folder / "bin" / "python"


def node() -> Path:
    """The folder that has the packages of node/package-lock.json in its node_modules."""
    lock = HERE / "node" / "package-lock.json"
    return _made("node", lock.read_bytes(), lambda folder: _install_node(folder, lock.parent))


def _made(name: str, lock: bytes, install: Callable[[Path], None]) -> Path:
    """A folder that is stamped only when all of it is there."""
    folder, digest = MADE / name, hashlib.sha256(lock).hexdigest()
    stamp = folder / ".installed"
    if not stamp.exists() or stamp.read_text() != digest:
        shutil.rmtree(folder, ignore_errors=True)
        install(folder)
        stamp.write_text(digest)
    return folder


def _install_python(folder: Path, lock: Path) -> None:
    """Wheels only: nothing is compiled here. uv takes seconds where pip takes minutes."""
    from_lock = ["--require-hashes", "--only-binary", ":all:", "-r", str(lock)]
    uv = shutil.which("uv", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")
    if uv:
        _run(uv, "venv", "--quiet", "--python", sys.executable, str(folder))
        _run(
            uv,
            "pip",
            "install",
            "--quiet",
            "--system-certs",
            "--python",
            str(folder / "bin" / "python"),
            *from_lock,
        )
        return
    _run(sys.executable, "-m", "venv", str(folder))
    _run(str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", *from_lock)


def _install_node(folder: Path, source: Path) -> None:
    npm = shutil.which("npm")
    if npm is None:
        raise CannotInstallError("there is no npm")
    folder.mkdir(parents=True)
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copy(source / name, folder / name)
    _run(npm, "ci", "--silent", cwd=folder)


def _run(*command: str, cwd: Path | None = None) -> None:
    try:
        subprocess.run(
            command, cwd=cwd, check=True, capture_output=True, text=True, timeout=SECONDS_TO_INSTALL
        )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        said = str(error.stderr or error.stdout or error).strip().splitlines() or [str(error)]
        raise CannotInstallError(f"{Path(command[0]).name}: {said[-1][:300]}") from error


def make_all() -> None:
    """Before the tests, so that a slow download is not in a test's time. What cannot be made, they skip."""
    for name, make in {**{name: partial(python, name) for name in PYTHON}, "node": node}.items():
        try:
            make()
        except CannotInstallError as error:
            print(f"{name} cannot be installed here: {error}", file=sys.stderr)


if __name__ == "__main__":
    make_all()
