"""What the object store tells of itself."""

import pytest

from defcore.suite.support import Absent, Api
from defcore.suite.support.object_store import ask_info
from defcore.suite.support.object_store_headers import in_form

pytestmark = pytest.mark.reference("https://docs.openstack.org/api-ref/object-store/#list-activated-capabilities")

LIMITS = (
    "max_file_size",
    "max_meta_name_length",
    "max_meta_value_length",
    "max_meta_count",
    "max_meta_overall_size",
    "max_object_name_length",
    "max_container_name_length",
    "container_listing_limit",
    "account_listing_limit",
)


@pytest.mark.uuid("ced1f9e9-14f3-4358-b065-139c6ade2c62")
@pytest.mark.covers("6eb04a6a-4860-4e31-ba91-ea3347d76b58")
def test_info_names_features(object_store: Api) -> None:
    """The object store names its features at /info, in a JSON object by the feature's name."""
    answer = ask_info(object_store)
    if answer.status == 401:  # refused to strangers: the guideline asks with a token
        answer = ask_info(object_store, authenticated=True)
    if answer.status in (403, 404, 405):
        raise Absent(f"the object store does not tell its features ({answer.where} answered {answer.status})")
    told = in_form(answer.expect(200)).json
    assert answer.header("Content-Type").startswith("application/json"), answer.header("Content-Type")
    assert isinstance(told, dict), f"the body must be a JSON object, seen {type(told).__name__}"
    assert told, "the object store must name at least one feature"


@pytest.mark.uuid("bc52f2e5-5961-47b3-a229-46b995e6e5ac")
def test_info_tells_limits(object_store: Api) -> None:
    """The object store tells anyone its version, its storage policies and its limits, as positive numbers, at /info."""
    answer = ask_info(object_store)
    if answer.status in (403, 404, 405):
        raise Absent(f"the object store does not tell its features ({answer.where} answered {answer.status})")
    answer.expect(200, because="no token is needed").check(
        {
            "type": "object",
            "required": ["swift"],
            "properties": {
                "swift": {
                    "type": "object",
                    "required": ["version", "policies", *LIMITS],
                    "properties": {
                        "version": {"type": "string", "minLength": 1},
                        "policies": {
                            "type": "array",
                            "minItems": 1,
                            "items": {"type": "object", "required": ["name"], "additionalProperties": True},
                        },
                    }
                    | {limit: {"type": "integer", "exclusiveMinimum": 0} for limit in LIMITS},
                    "additionalProperties": True,
                },
            },
            "additionalProperties": {"type": "object"},
        }
    )
