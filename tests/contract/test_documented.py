"""The adapter of docs/add-a-provider.md, as it stands there, installed by its entry point."""

import re
import sys
import tomllib
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from providers.contract import Adapter
from providers.registry import _registered, adapter_class, kinds, register_adapter
from tests.contract.kind import Kind, collect, text_in
from tests.contract.suite import AdapterContract
from tests.fakes.provider import FakeProvider

PAGE = Path(__file__).parents[2] / "docs" / "add-a-provider.md"
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module", autouse=True)
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The page's package on the path, with the metadata that an installer writes; gives its test module."""
    site = tmp_path_factory.mktemp("site")
    install(PAGE.read_text(), site)
    sys.path.insert(0, str(site))
    yield import_module("test_acme")
    sys.path.remove(str(site))
    for name in [name for name in sys.modules if name.split(".")[0] in ("acme", "test_acme")]:
        del sys.modules[name]


def install(page: str, site: Path) -> None:
    (site / "acme").mkdir()
    (site / "acme" / "__init__.py").touch()
    for language, code in _BLOCK.findall(page):
        if language == "python":
            (site / code.split("\n", 1)[0].removeprefix("# ")).write_text(code)
        if language == "toml":
            write_metadata(tomllib.loads(code)["project"], site)


def write_metadata(project: dict[str, Any], site: Path) -> None:
    info = site / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Name: {project['name']}\nVersion: {project['version']}\n")
    points = [
        f"[{group}]\n" + "\n".join(f"{name} = {target}" for name, target in names.items())
        for group, names in project["entry-points"].items()
    ]
    (info / "entry_points.txt").write_text("\n".join(points))


@pytest.fixture
def kind(installed: Any) -> Kind:
    found: Kind = installed.kind.__wrapped__()
    return found


class TestDocumented(AdapterContract):
    def test_it_fulfils_the_protocol(self, kind: Kind) -> None:
        assert kind.name in kinds()
        assert issubclass(adapter_class(kind.name), Adapter)

    async def test_it_can_be_registered_in_python(self, fake: FakeProvider, kind: Kind) -> None:
        register_adapter("acme-2", "acme.adapter.AcmeAdapter")
        try:
            other = Kind("acme-2", kind.model, kind.url)
            assert text_in(await collect(other.adapter(fake), other.request())) == "Hello there."
        finally:
            _registered.pop("acme-2")
