"""Adapters are found by kind and imported when they are needed, not before."""

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from providers import registry
from providers.adapters.demo.adapter import DemoAdapter
from providers.contract import Adapter, ProviderConfig
from providers.errors import UnknownProvider

IMPORTS = """
import sys, django
django.setup()
import providers.registry, providers.models, providers.catalogue, providers.admin, project.urls
print(sorted({"openai", "anthropic"} & set(sys.modules)))
"""


class OwnAdapter(DemoAdapter):
    pass


@pytest.fixture
def own_kind() -> Iterator[str]:
    registry.register_adapter("own", OwnAdapter)
    yield "own"
    registry._registered.pop("own")


def test_no_sdk_is_imported_before_its_use() -> None:
    done = subprocess.run([sys.executable, "-c", IMPORTS], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_adapters_can_be_imported_ahead() -> None:
    preload = "from providers.registry import preload; preload(['nonesuch', 'openai'])"
    code = f"import sys; {preload}; print('openai' in sys.modules, 'anthropic' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "True False"


@pytest.mark.parametrize("kind", sorted(registry.BUILT_IN))
def test_every_built_in_kind_is_an_adapter(kind: str) -> None:
    made: Any = registry.adapter_class(kind)(ProviderConfig(provider_id="p", kind=kind))
    assert isinstance(made, Adapter)
    assert kind in registry.kinds()


def test_an_own_kind_is_registered(own_kind: str) -> None:
    assert registry.adapter_class(own_kind) is OwnAdapter
    assert own_kind in registry.kinds()


def test_an_own_kind_can_be_a_path(own_kind: str) -> None:
    registry.register_adapter(own_kind, f"{__name__}.OwnAdapter")
    assert registry.adapter_class(own_kind).__name__ == "OwnAdapter"


def test_an_entry_point_brings_a_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    class Point:
        name = "from-a-package"

        def load(self) -> type[Adapter]:
            return OwnAdapter

    def entry_points(*, group: str, name: str = Point.name) -> list[Point]:
        return [Point()] if (group, name) == ("parley.adapters", Point.name) else []

    monkeypatch.setattr(registry, "entry_points", entry_points)
    assert registry.adapter_class("from-a-package") is OwnAdapter
    assert "from-a-package" in registry.kinds()


def test_an_unknown_kind_is_said_so() -> None:
    with pytest.raises(UnknownProvider, match="nonesuch"):
        registry.adapter_class("nonesuch")


async def test_an_adapter_is_kept_while_its_settings_are() -> None:
    config = ProviderConfig(provider_id="p", kind="demo")
    first = registry.adapter_for(config)
    assert registry.adapter_for(ProviderConfig(provider_id="p", kind="demo")) is first
    changed = registry.adapter_for(ProviderConfig(provider_id="p", kind="demo", base_url="http://other"))
    assert changed is not first
