import pytest

pytest.register_assert_rewrite("tests.contract.kind", "tests.contract.suite")
