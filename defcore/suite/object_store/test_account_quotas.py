"""The quota of an account.

The account is a disposable user's. The quota set here is one that nobody can fill, it never replaces one that the
operator has set, and it is removed afterwards.
"""

from dataclasses import dataclass

import pytest

from defcore.suite.support import Answer, Api, CannotTell, Prerequisite, Resources
from defcore.suite.support.identity import show_token
from defcore.suite.support.object_store import account_name, feature, new_container, shown_account, usable
from defcore.suite.support.object_store_headers import number, stored_headers

pytestmark = [
    pytest.mark.reference("https://docs.openstack.org/api-ref/object-store/#create-update-or-delete-account-metadata"),
    pytest.mark.needs("admin", "disposable"),
]

QUOTA = "X-Account-Meta-Quota-Bytes"
REMOVE = "X-Remove-Account-Meta-Quota-Bytes"
GENEROUS = 1 << 50


def quota_of(head: Answer) -> str | None:
    """The quota that an account shows; newer releases show it without `Meta` as well."""
    return head.headers.get(QUOTA) or head.headers.get("X-Account-Quota-Bytes")


def may_set_quotas(reseller: Api, refusal: Answer) -> None:
    """Raises Prerequisite if the administrator was refused for want of the role ResellerAdmin."""
    identity = Api(reseller.actor, reseller.service.IDENTITY, reseller.note)
    if '"ResellerAdmin"' not in show_token(identity, reseller.actor.token()).text:
        raise Prerequisite(f"the admin user needs the role ResellerAdmin ({refusal.where} answered {refusal.status})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The account of a disposable user, and the reseller's administrator who sets its quota."""

    api: Api
    reseller: Api
    resources: Resources

    def limit(self) -> int:
        """Set the quota, which ends with the test; one that the operator has set is set anew to what it is."""
        head, account = shown_account(self.api), self.api.endpoint
        former, used = quota_of(head), int(number(head, "X-Account-Bytes-Used"))
        value = int(former) if former else max(GENEROUS, 2 * used)
        if value < used + 4096:
            raise CannotTell(f"the account's own quota of {value} bytes leaves no room beside {used} bytes")
        headers = {QUOTA: str(value)}
        if former:
            answer = self.reseller.post(account, headers=headers)
        else:
            answer = self.resources.create(
                self.reseller, "account_quota", account, method="POST", id=account_name(self.api), headers=headers
            )
        if answer.status == 403:
            may_set_quotas(self.reseller, answer)
        answer.expect(204, because="a reseller's administrator sets quotas")
        return value


@pytest.fixture
def account(disposable, admin, resources: Resources) -> Account:
    """It ends with the test, if its user does."""
    mine, reseller = usable(disposable.object_store), admin.object_store
    feature(mine, "account_quotas")
    if mine.endpoint == reseller.endpoint:
        raise CannotTell(f"the address {mine.endpoint} names no account: nobody can set the quota of another's")
    if mine.actor.temporary:
        resources.track(reseller, "account", account_name(mine))
    return Account(api=mine, reseller=reseller, resources=resources)


@pytest.mark.uuid("6e658be4-d43d-4cec-a0e9-2a5326cf8a17")
@pytest.mark.covers("a22ef352-a342-4587-8f47-3bbdb5b039c4")
def test_upload_within_account_quota(account: Account, resources: Resources) -> None:
    """An account takes an object that its quota leaves room for."""
    container = new_container(resources, account.api, "container")
    quota = account.limit()
    answer = container.put("small", b"within the quota")
    stored_headers(answer.expect(201, because=f"the quota is {quota} bytes"))


@pytest.mark.uuid("97557c33-f24e-4773-8d4b-a366e602346c")
@pytest.mark.covers("d1dc5076-555e-4e6d-9697-28f1fe976324")
def test_user_cannot_change_account_quota(account: Account) -> None:
    """The user of an account can neither change nor remove the quota that a reseller's administrator has set."""
    quota = account.limit()
    before = quota_of(shown_account(account.api))
    for value in ("", str(quota + 1)):
        answer = account.api.post("", headers={QUOTA: value})
        answer.expect(403, because=f"an account's user must not set its quota to {value!r}")
    after = quota_of(shown_account(account.api))
    assert after == before, "the quota must be the same as before"


@pytest.mark.uuid("1221b8db-c35f-423e-be14-2a9d51222028")
def test_account_quota_is_shown(account: Account) -> None:
    """The quota of an account is shown to its user, who cannot remove it by the header for that either."""
    quota = account.limit()
    assert quota_of(shown_account(account.api)) == str(quota)
    answer = account.api.post("", headers={REMOVE: "x"})
    answer.expect(403, because="an account's user must not remove its quota")
    assert quota_of(shown_account(account.api)) == str(quota)
