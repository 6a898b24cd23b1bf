"""The quota of an account.

The account is the ordinary user's, in which other tests run at the same time: the quota set here is one that
nobody can fill, it never replaces one that the operator has set, and it is removed afterwards.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from defcore.suite.support import Answer, Api, CannotTell, Prerequisite
from defcore.suite.support.object_store import Container, feature, shown_account
from defcore.suite.support.object_store_headers import number, stored_headers

pytestmark = [
    pytest.mark.reference("https://docs.openstack.org/api-ref/object-store/#create-update-or-delete-account-metadata"),
    pytest.mark.exclusive("account"),
]

QUOTA = "X-Account-Meta-Quota-Bytes"
REMOVE = "X-Remove-Account-Meta-Quota-Bytes"
GENEROUS = 1 << 50


def quota_of(head: Answer) -> str | None:
    """The quota that an account shows; newer releases show it without `Meta` as well."""
    return head.headers.get(QUOTA) or head.headers.get("X-Account-Quota-Bytes")


def may_set_quotas(reseller: Api, refusal: Answer) -> None:
    """Raises Prerequisite if the administrator was refused for want of the role ResellerAdmin."""
    token = reseller.actor.token()
    asked = reseller.actor.request(
        "GET",
        f"{reseller.actor.endpoint(reseller.service.IDENTITY)}/v3/auth/tokens",
        headers={"X-Auth-Token": token, "X-Subject-Token": token},
        data=None,
        timeout=60,
    )
    if b'"ResellerAdmin"' not in asked.content:
        raise Prerequisite(f"the admin user needs the role ResellerAdmin ({refusal.where} answered {refusal.status})")


@contextmanager
def set_quota(object_store: Api, reseller: Api) -> Iterator[int]:
    """The quota of the ordinary user's account, set by the reseller's administrator and taken back at the end."""
    feature(object_store, "account_quotas")
    head = shown_account(object_store)
    former, used = quota_of(head), int(number(head, "X-Account-Bytes-Used"))
    value = int(former) if former else max(GENEROUS, 2 * used)
    if value < used + 4096:
        raise CannotTell(f"the account's own quota of {value} bytes leaves no room beside {used} bytes")
    account = object_store.endpoint
    answer = reseller.post(account, headers={QUOTA: str(value)})
    if answer.status == 403:
        may_set_quotas(reseller, answer)
    answer.expect(204, because="a reseller's administrator sets quotas")
    try:
        yield value
    finally:
        if former is None:
            reseller.post(account, headers={REMOVE: "x"}).setup(204)
        elif quota_of(reseller.head(account)) != former:
            reseller.post(account, headers={QUOTA: former}).setup(204)


@pytest.mark.uuid("6e658be4-d43d-4cec-a0e9-2a5326cf8a17")
@pytest.mark.covers("a22ef352-a342-4587-8f47-3bbdb5b039c4")
@pytest.mark.needs("admin")
def test_upload_within_account_quota(object_store: Api, admin, container: Container) -> None:
    """An account takes an object that its quota leaves room for."""
    with set_quota(object_store, admin.object_store) as quota:
        answer = container.put("small", b"within the quota")
        stored_headers(answer.expect(201, because=f"the quota is {quota} bytes"))


@pytest.mark.uuid("97557c33-f24e-4773-8d4b-a366e602346c")
@pytest.mark.covers("d1dc5076-555e-4e6d-9697-28f1fe976324")
@pytest.mark.needs("admin")
def test_user_cannot_change_account_quota(object_store: Api, admin) -> None:
    """The user of an account can neither change nor remove the quota that a reseller's administrator has set."""
    with set_quota(object_store, admin.object_store) as quota:
        before = quota_of(shown_account(object_store))
        for value in ("", str(quota + 1)):
            answer = object_store.post("", headers={QUOTA: value})
            answer.expect(403, because=f"an account's user must not set its quota to {value!r}")
        after = quota_of(shown_account(object_store))
        assert after == before, "the quota must be the same as before"


@pytest.mark.uuid("1221b8db-c35f-423e-be14-2a9d51222028")
@pytest.mark.needs("admin")
def test_account_quota_is_shown(object_store: Api, admin) -> None:
    """The quota of an account is shown to its user, who cannot remove it by the header for that either."""
    with set_quota(object_store, admin.object_store) as quota:
        assert quota_of(shown_account(object_store)) == str(quota)
        answer = object_store.post("", headers={REMOVE: "x"})
        answer.expect(403, because="an account's user must not remove its quota")
        assert quota_of(shown_account(object_store)) == str(quota)
