"""What is particular to Azure: address, key and version."""

from dataclasses import replace

import pytest

from providers import errors
from providers.adapters.azure.adapter import AzureAdapter
from providers.contract import ProviderConfig
from providers.secrets import Secret
from tests.contract.kind import collect
from tests.contract.kinds import AZURE
from tests.fakes.provider import FakeProvider


def config(fake: FakeProvider) -> ProviderConfig:
    return ProviderConfig(provider_id="p", kind="azure", base_url=fake.root_url, api_key=Secret("azure-key"))


async def test_the_model_is_the_deployment(fake: FakeProvider) -> None:
    await collect(AzureAdapter(config(fake)), AZURE.request(max_tokens=5))
    [request] = fake.requests
    assert request.path == "/openai/deployments/gpt-fake/chat/completions?api-version=2024-10-21"
    assert request.headers["api-key"] == "azure-key"
    assert "authorization" not in request.headers
    assert request.body["max_completion_tokens"] == 5


async def test_version_and_deployment_can_be_set(fake: FakeProvider) -> None:
    told = replace(config(fake), api_version="2025-04-01-preview", extra={"deployment": "main"})
    await collect(AzureAdapter(replace(told, base_url=f"{fake.root_url}/openai/")), AZURE.request())
    path = "/openai/deployments/main/chat/completions?api-version=2025-04-01-preview"
    assert fake.requests[0].path == path


async def test_without_an_endpoint_nobody_is_reached() -> None:
    adapter = AzureAdapter(ProviderConfig(provider_id="p", kind="azure"))
    with pytest.raises(errors.ProviderError):
        await collect(adapter, AZURE.request())


async def test_the_newer_api_has_neither_deployment_nor_version(fake: FakeProvider) -> None:
    told = replace(config(fake), base_url=f"{fake.root_url}/openai/v1/")
    await collect(AzureAdapter(told), AZURE.request())
    assert fake.requests[0].path == "/openai/v1/chat/completions"
    assert fake.requests[0].headers["authorization"] == "Bearer azure-key"
