"""An account as such."""

import pytest

from defcore.suite.support import Api, Prerequisite
from defcore.suite.support.object_store import CONTAINER_LISTING, policies, shown_account, still_empty, usable
from defcore.suite.support.object_store_headers import account_headers, account_policies, meta, well_formed

pytestmark = pytest.mark.reference("https://docs.openstack.org/api-ref/object-store/#show-account-metadata")

SETTINGS = ("quota-bytes", "quota-containers", "quota-count")
"""Metadata of an account that its operator sets, not its user."""


@pytest.mark.uuid("ebc185ee-f6a4-40dc-918a-c88491aa8a20")
@pytest.mark.covers("884ec421-fbad-4fcc-916b-0580f2699565")
@pytest.mark.needs("alt")
@pytest.mark.exclusive("container")
@pytest.mark.reference("https://docs.openstack.org/api-ref/object-store/#show-account-details-and-list-containers")
def test_empty_account_lists_nothing(alt) -> None:
    """An account without containers answers with an empty listing, and tells that it stores nothing."""
    answer = still_empty(usable(alt.object_store))
    well_formed(answer, "X-Timestamp", "X-Account-Bytes-Used", "X-Account-Container-Count", "X-Account-Object-Count")
    answer.empty()
    as_json = alt.object_store.get("", params={"format": "json"}).expect(200).check(CONTAINER_LISTING)
    assert as_json.json == [], f"an empty list is expected, seen {as_json.text}"


@pytest.mark.uuid("d8850288-de34-448f-a5b1-a680f1a48988")
@pytest.mark.covers("b904c2e3-24c2-4dba-ad7d-04e90a761be5")
@pytest.mark.exclusive("account")
def test_account_without_metadata_shows_none(object_store: Api) -> None:
    """An account for which no metadata was set shows how much it stores, and no metadata."""
    answer = account_headers(shown_account(object_store)).empty()
    account_policies(answer, policies(object_store))
    seen = sorted(set(meta(answer, "Account")) - set(SETTINGS))
    if seen:  # who set it cannot be seen from here, and it is not ours to remove
        raise Prerequisite(f"the account must have no metadata of its own, but has {', '.join(seen)}")
