"""Providers as a file, and stored secrets under a new key."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import yaml
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command

from providers.models import Provider, ProviderModel, Route
from providers.registration import register_provider, route_save
from providers.transfer import Unusable, imported

pytestmark = pytest.mark.django_db

KEY = "sk-an-operators-key-9876"
HEADER = "a-secret-of-the-headers"


@pytest.fixture
def acme() -> Provider:
    provider = register_provider(
        "acme",
        "openai-compatible",
        base_url="http://acme.example/v1",
        api_key=KEY,
        headers={"x-key": HEADER},
        models=["small"],
        max_concurrency=3,
    )
    ProviderModel.objects.update(input_price="1.5", output_price="2", capabilities=["tools"])
    route_save({"name": "best", "targets": [{"provider": "acme", "model": "small", "weight": 2}]})
    return provider


def exported(path: Path) -> str:
    call_command("providers_export", str(path))
    return path.read_text()


@pytest.mark.parametrize("name", ["providers.json", "providers.yaml"])
def test_what_was_exported_sets_another_server_up(acme: Provider, tmp_path: Path, name: str) -> None:
    written = exported(tmp_path / name)
    assert KEY not in written and HEADER not in written and acme.api_key_encrypted not in written
    Provider.objects.all().delete()
    Route.objects.all().delete()
    call_command("providers_import", str(tmp_path / name), stdout=StringIO())
    again = Provider.objects.get(pk="acme")
    assert (again.base_url, again.max_concurrency, again.api_key_encrypted) == (acme.base_url, 3, "")
    assert again.models.get().input_price == acme.models.get().input_price
    assert Route.objects.get().targets.get().weight == 2
    assert exported(tmp_path / f"again-{name}") == written


def test_an_import_merges_and_keeps_keys(acme: Provider, tmp_path: Path) -> None:
    content = json.loads(exported(tmp_path / "a.json"))
    content["providers"][0]["label"] = "Acme"
    content["providers"].append({"id": "demo", "kind": "demo", "models": ["chat"]})
    done = imported(json.dumps(content))
    assert (done.created, done.changed, done.routes) == (1, 1, 1)
    acme.refresh_from_db()
    assert (acme.label, acme.api_key.reveal(), acme.secret_headers) == ("Acme", KEY, {"x-key": HEADER})


def test_a_moved_provider_needs_its_key_in_the_file(acme: Provider) -> None:
    moved: dict[str, Any] = {"id": "acme", "base_url": "http://elsewhere.example"}
    with pytest.raises(Unusable) as refused:
        imported(json.dumps({"version": 1, "providers": [moved]}))
    assert "providers.0.api_key: The address has changed" in refused.value.problems[0]
    imported(json.dumps({"version": 1, "providers": [{**moved, "api_key": "", "headers": {}}]}))
    acme.refresh_from_db()
    assert (acme.base_url, acme.api_key_encrypted) == ("http://elsewhere.example", "")


def test_nothing_is_imported_of_a_file_with_an_error(acme: Provider, tmp_path: Path) -> None:
    rows = [{"id": "one", "kind": "demo"}, {"id": "two", "kind": "nonesuch", "weight": -1}, {"kind": 5}]
    (tmp_path / "bad.json").write_text(json.dumps({"version": 1, "providers": rows}))
    with pytest.raises(CommandError) as refused:
        call_command("providers_import", str(tmp_path / "bad.json"))
    for said in ("providers.1.kind", "providers.1.weight", "providers.2.id"):
        assert said in str(refused.value)
    assert list(Provider.objects.values_list("pk", flat=True)) == ["acme"]


BOMB = "version: 1\na: &a [x, x]\nb: &b [*a, *a]\nproviders: [*b]\n"


@pytest.mark.parametrize(
    "text",
    [
        *("", "[]", "nonsense", "{", "version: 2", '{"version": 1, "providers": {}}', BOMB, "\x00"),
        *('{"version": 1, "providers": ["acme"]}', '{"version": 1, "keys": []}', "[" * 5_000),
        "version: 1\nproviders: !!python/object/apply:os.system ['true']",
    ],
)
def test_what_is_no_export_is_refused(text: str) -> None:
    with pytest.raises(Unusable):
        imported(text)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    for command in ("providers_import", "providers_export"):
        with pytest.raises(CommandError):
            call_command(command, str(tmp_path / "nowhere" / "x.json"))


def test_yaml_is_as_good_as_json(acme: Provider) -> None:
    imported(yaml.safe_dump({"version": 1, "providers": [{"id": "acme", "label": "Ümläut 厂商"}]}))
    assert Provider.objects.get(pk="acme").label == "Ümläut 厂商"


def test_secrets_move_to_the_first_key_while_all_are_valid(acme: Provider, settings: Any) -> None:
    old, new = settings.ENCRYPTION_KEYS[0], Fernet.generate_key().decode()
    settings.ENCRYPTION_KEYS = [new, old]
    said = StringIO()
    call_command("rotate_keys", stdout=said)
    assert said.getvalue().startswith("2 secrets were encrypted anew")
    call_command("rotate_keys", stdout=said)
    settings.ENCRYPTION_KEYS = [new]
    acme.refresh_from_db()
    assert (acme.api_key.reveal(), acme.secret_headers) == (KEY, {"x-key": HEADER})


def test_headers_in_clear_are_encrypted_by_the_way(acme: Provider) -> None:
    Provider.objects.update(headers={"x-old": "in-clear"}, headers_encrypted="")
    call_command("rotate_keys", stdout=StringIO())
    acme.refresh_from_db()
    assert (acme.headers, acme.secret_headers) == ({}, {"x-old": "in-clear"})


def test_a_key_that_is_set_meanwhile_is_not_overwritten(
    acme: Provider, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.ENCRYPTION_KEYS = [Fernet.generate_key().decode(), *settings.ENCRYPTION_KEYS]

    def changed_by_somebody(token: str) -> bool:
        acme.set_api_key("sk-set-meanwhile")
        acme.save()
        return False

    monkeypatch.setattr("providers.rotation.is_current", changed_by_somebody)
    call_command("rotate_keys", stdout=StringIO())
    acme.refresh_from_db()
    assert acme.api_key.reveal() == "sk-set-meanwhile"


def test_what_no_key_opens_is_named_and_left(acme: Provider, settings: Any) -> None:
    before = acme.api_key_encrypted
    settings.ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    with pytest.raises(CommandError, match="acme: api_key_encrypted"):
        call_command("rotate_keys", stdout=StringIO())
    acme.refresh_from_db()
    assert acme.api_key_encrypted == before
