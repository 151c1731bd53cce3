"""The contracts are OpenAPI 3.1, for any tool that reads it."""

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from contracts.register import SCHEMA_FILES, load_yaml


@pytest.mark.parametrize("name", sorted(set(SCHEMA_FILES.values())))
def test_every_contract_is_valid_openapi(name: str) -> None:
    assert [error.message for error in OpenAPIV31SpecValidator(load_yaml(name)).iter_errors()] == []


@pytest.mark.parametrize("name", sorted(set(SCHEMA_FILES.values())))
def test_a_contract_that_is_broken_is_noticed(name: str) -> None:
    document = load_yaml(name)
    del document["info"]
    assert list(OpenAPIV31SpecValidator(document).iter_errors())
