"""Whether a client should send a refused request again: the vendors' SDKs do, unless a header says no."""

import pytest

from chat.errors import Conflict, Invalid, OverBudget, Unavailable
from chat.gateway.edge import AnthropicShape, OpenAIShape, error_response
from providers.errors import ProviderKeyRejected, ProviderTimeout

KNOWN = [
    (Unavailable(), None),
    (ProviderTimeout(), None),
    (OverBudget(retry_after=5), None),
    (Invalid(), None),  # SDKs do not ask again anyway
    (OverBudget(retry_after=86_400), "false"),
    (Conflict(), "false"),
    (ProviderKeyRejected(), "false"),
    (RuntimeError("what is not known may have been paid for"), "false"),
]


@pytest.mark.parametrize(("error", "told"), KNOWN, ids=[type(error).__name__ for error, _ in KNOWN])
def test_a_refusal_that_no_repeating_mends_says_so(error: Exception, told: str | None) -> None:
    for shape in (OpenAIShape(), AnthropicShape()):
        assert error_response(shape, error, "req").headers.get("x-should-retry") == told
