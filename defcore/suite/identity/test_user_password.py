"""The password of a user, changed by that user. All of it on a user who may be locked out."""

from collections.abc import Iterator

import pytest

from defcore.suite.support import Absent, Api, wait_for
from defcore.suite.support.actor import RunContext
from defcore.suite.support.identity import ask_token, show_token
from defcore.suite.support.own_password import SETTLES, OwnPassword

pytestmark = [
    pytest.mark.reference("https://docs.openstack.org/api-ref/identity/v3/#change-password-for-user"),
    pytest.mark.needs("disposable"),
]


@pytest.fixture
def own(disposable, defcore_run: RunContext) -> Iterator[OwnPassword]:
    """The password of the disposable user; put back afterwards if the user is to be used again."""
    password = OwnPassword(disposable.identity, defcore_run)
    yield password
    password.put_back()


def refused(own: OwnPassword, password: str) -> None:
    """The password gets no token: 401."""
    answer = wait_for(
        lambda: own.log_in(password),
        lambda seen: seen.status != 201,
        because="the former password gets no token",
        timeout=SETTLES,
        promised=True,
        show=lambda seen: f"{seen.where} answered {seen.status}",
    )
    answer.expect(401, because="the password is another one now")


def accepted(own: OwnPassword, password: str) -> None:
    own.log_in(password).expect(201, because="the password was not changed")


@pytest.mark.uuid("3f03e7cd-a7a0-4ccb-a1c1-afd7c6b7b020")
@pytest.mark.covers("ad71bd23-12ad-426b-bb8b-195d2b635f27")
def test_own_password_is_changed(own: OwnPassword) -> None:
    """A user who changes the own password logs in with the new one alone, and tokens from before open nothing.

    A revoked token is not found: 404, as where it is looked up. Official tests take any refusal but 401 and 403.
    """
    former, before = own.current, own.token()
    own.changed(own.new()).empty()
    own.token()
    refused(own, former)
    answer = wait_for(
        lambda: ask_token(own.identity, {"token": {"id": before}}),
        lambda seen: seen.status != 201,
        because="a token from before the change gets no other token",
        timeout=SETTLES,
        promised=True,
        show=lambda seen: f"{seen.where} answered {seen.status}",
    )
    answer.expect(404, 400, 410, because="the token was revoked with the password")


@pytest.mark.uuid("2fdeed82-fb7d-4f0f-a892-63a6d7206604")
@pytest.mark.covers("941784ee-5342-4571-959b-b80dd2cea516")
def test_former_password_is_not_used_again(own: OwnPassword) -> None:
    """Where a cloud remembers passwords, a user takes neither the present nor the former one anew, but any other.

    Whether it does is told by its answers alone: one that takes both remembers none.
    """
    former, present = own.current, own.new()
    own.changed(present)
    again = own.allowed(own.change(present))
    back = own.allowed(own.change(former))
    if back.status == 204:
        told = f"{again.where} answered {again.status} to the present password and {back.status} to the former one"
        raise Absent(f"the cloud keeps no history of passwords: {told}")
    for answer, which in ((again, "the present"), (back, "the former")):
        answer.expect(400, because=f"{which} password is used anew, and the cloud remembers passwords")
    accepted(own, present)
    refused(own, former)
    own.changed(own.new())
    own.token()


@pytest.mark.uuid("5d63e6e4-37ff-4251-9592-ec37f826f844")
def test_password_change_needs_the_present_one(own: OwnPassword, identity: Api) -> None:
    """Nobody changes a password without the present one, be it the user or another, and the attempt ends no token."""
    token, other = own.token(), own.new()
    own.change(other, original=own.new()).expect(401, 403, because="the present password was not given")
    own.change(other, original=own.new(), by=identity).expect(401, 403, because="it is another's password")
    accepted(own, own.current)
    refused(own, other)
    show_token(own.identity, token, token=token).expect(200, because="no password was changed")
