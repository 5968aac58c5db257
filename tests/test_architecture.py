"""The shape of the tree: who may import whom, and how large things may grow."""

import ast
from collections.abc import Iterator
from itertools import permutations
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("project", "chat", "providers")

ADAPTERS = ("agno", "anthropic", "azure", "demo", "ollama", "openai", "openai_compatible")

# importer -> imported, by dotted prefix
NEVER = [
    ("providers", "chat"),
    ("providers", "project"),
    ("chat", "project"),
    ("chat.models", "chat.actions"),
    ("chat.models", "chat.log"),
    ("chat.models", "chat.consumers"),
    ("chat.actions", "chat.consumers"),
    ("chat.actions", "chat.api"),
    ("chat.actions", "chat.views"),
    ("chat.dialects", "chat.models"),
    ("providers.adapters", "django"),
    ("providers.adapters", "providers.models"),
    *(
        (f"providers.adapters.{one}", f"providers.adapters.{other}")
        for one, other in permutations(ADAPTERS, 2)
    ),
]


def modules() -> dict[str, Path]:
    files = [path for room in ROOMS for path in (ROOT / room).rglob("*.py") if "migrations" not in path.parts]
    return {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
        for path in files
    }


MODULES = modules()


def imports_of(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def below(name: str, prefix: str) -> bool:
    return name == prefix or name.startswith(prefix + ".")


@pytest.mark.parametrize(("importer", "imported"), NEVER)
def test_rooms_import_only_downwards(importer: str, imported: str) -> None:
    found = [
        (module, name)
        for module, path in MODULES.items()
        if below(module, importer)
        for name in imports_of(path)
        if below(name, imported)
    ]
    assert not found


def test_no_module_is_longer_than_300_lines() -> None:
    long = {
        name: lines for name, path in MODULES.items() if (lines := len(path.read_text().splitlines())) > 300
    }
    assert not long


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        name
        for name, path in MODULES.items()
        if path.stat().st_size and not ast.get_docstring(ast.parse(path.read_text()))
    ]
    assert not silent


def test_there_is_no_import_cycle() -> None:
    graph = {
        module: {name for name in imports_of(path) if name in MODULES and name != module}
        for module, path in MODULES.items()
    }
    done: set[str] = set()

    def visit(module: str, trail: tuple[str, ...]) -> None:
        assert module not in trail, " -> ".join([*trail, module])
        if module not in done:
            for name in graph[module]:
                visit(name, (*trail, module))
            done.add(module)

    for module in graph:
        visit(module, ())


def test_javascript_models_know_no_document() -> None:
    models = (ROOT / "static/js/models").glob("*.js")
    assert not [
        path.name for path in models if "document." in path.read_text() or "#controllers" in path.read_text()
    ]
