"""Who is refused a token, and how."""

import uuid
from typing import Any

import pytest

from defcore.suite.support import Answer, Api, Prerequisite
from defcore.suite.support.identity import ERROR, TOKENS, ask_token, log_in, own_project, password_user, show_token

pytestmark = pytest.mark.reference(
    "https://docs.openstack.org/api-ref/identity/v3/#password-authentication-with-scoped-authorization"
)
# Tests that are alone with "login" get the password of the tester's user wrong, once each, and log in right after it:
# a cloud that locks users out after a second failure in a row keeps this one.


def assert_refused(answer: Answer, *statuses: int) -> dict[str, Any]:
    """The refusal is documented as an error and hands out no token."""
    answer.expect(*statuses).check(ERROR)
    error = dict(answer.json["error"])
    assert error["code"] == answer.status, f"{answer.where}: expected code {answer.status}, seen {error['code']}"
    assert "x-subject-token" not in answer.headers, f"{answer.where}: expected no token, seen the header with one"
    return error


@pytest.mark.uuid("6322981e-8023-4372-8834-84a7cae46059")
@pytest.mark.exclusive("login")
def test_wrong_password(identity: Api) -> None:
    """A wrong password gets no token, but a refusal that says how to authenticate.

    The right password is used first, with the same scope, so that an answer kept from before is noticed.
    """
    scope = own_project(identity.actor)
    log_in(identity, scope=scope).setup(201)
    wrong = password_user(identity.actor) | {"password": f"not-{uuid.uuid4()}"}
    answer = ask_token(identity, {"password": {"user": wrong}}, scope=scope)
    error = assert_refused(answer, 401)
    assert error["title"] == "Unauthorized", f"{answer.where}: expected Unauthorized, seen {error['title']!r}"
    answer.header("www-authenticate")
    log_in(identity, scope=scope).setup(201)  # clouds that count failures begin anew


@pytest.mark.uuid("c730dc71-c323-448f-b73f-d774c09e964c")
@pytest.mark.exclusive("login")
def test_unknown_user_is_not_told_apart(identity: Api) -> None:
    """An unknown user is refused in the same words as a wrong password, so that names cannot be found out."""
    wrong = password_user(identity.actor) | {"password": f"not-{uuid.uuid4()}"}
    known = assert_refused(ask_token(identity, {"password": {"user": wrong}}), 401)
    log_in(identity).setup(201)  # clouds that count failures begin anew
    unknown = ask_token(identity, {"password": {"user": wrong | {"id": uuid.uuid4().hex}}})
    error = assert_refused(unknown, 401)
    assert error == known, f"{unknown.where}: expected {known} as for a known user, seen {error}"


@pytest.mark.uuid("a379640e-7d77-4914-b901-29194901dc5c")
def test_broken_request(identity: Api) -> None:
    """A request for a token that lacks what it must have, or is no JSON, is refused as a bad request."""
    assert_refused(identity.post(TOKENS, json={"auth": {}}, authenticated=False), 400)
    headers = {"Content-Type": "application/json"}
    assert_refused(identity.post(TOKENS, data=b'{"auth":', headers=headers, authenticated=False), 400)


@pytest.mark.uuid("c62a8dab-363a-4178-a05a-6b090b48a37b")
@pytest.mark.reference("https://docs.openstack.org/api-ref/identity/v3/#get-available-project-scopes")
def test_no_token_no_answer(identity: Api) -> None:
    """Without a token, or with one that was never issued, nobody learns about projects."""
    for more in ({"authenticated": False}, {"token": uuid.uuid4().hex}):
        answer = identity.get("/v3/auth/projects", **more)
        assert_refused(answer, 401)
        answer.header("www-authenticate")


@pytest.mark.uuid("79c2911a-4d53-472c-98f5-a0a76c26f92a")
def test_no_scope_beyond_projects(identity: Api) -> None:
    """A user without a role on the system or the domain gets no token for them."""
    user = show_token(identity, identity.actor.token()).setup(200).json["token"]["user"]
    domains = identity.get("/v3/auth/domains").setup(200).json["domains"]
    system = identity.get("/v3/auth/system").setup(200).json["system"]
    if domains or system:
        raise Prerequisite("the user has a role on a domain or on the system, not only on projects")
    assert_refused(log_in(identity, scope={"domain": {"id": user["domain"]["id"]}}), 401, 403)
    assert_refused(log_in(identity, scope={"system": {"all": True}}), 401, 403)


@pytest.mark.uuid("de3da3ef-9608-4ac6-b739-fce1cae8e718")
@pytest.mark.needs("alt")
@pytest.mark.reference("https://docs.openstack.org/api-ref/identity/v3/#users")
def test_other_users_are_private(identity: Api, alt_identity: Api) -> None:
    """An ordinary user may not read another user, that user's projects, nor the lists of all users and projects."""
    other = alt_identity.actor
    for path in (
        f"/v3/users/{other.user_id}",
        f"/v3/users/{other.user_id}/projects",
        f"/v3/projects/{other.project_id}",
    ):
        assert_refused(identity.get(path), 403, 404)
    for path in ("/v3/users", "/v3/projects"):
        assert_refused(identity.get(path), 403)


@pytest.mark.uuid("4e7fa20d-f829-4496-9cb6-b71f741532df")
@pytest.mark.exclusive("login")
def test_incomplete_log_in(identity: Api) -> None:
    """Who names a user without the domain, or a way to log in that there is not, gets no token, with the right password
    either."""
    user = show_token(identity, identity.actor.token()).setup(200).json["token"]["user"]
    known = password_user(identity.actor)
    nameless = {"name": user["name"], "password": known["password"]}
    assert_refused(ask_token(identity, {"password": {"user": nameless}}), 400, 401)
    log_in(identity).setup(201)  # clouds that count failures begin anew
    auth = {"identity": {"methods": ["no-such-method"], "password": {"user": known}}}
    assert_refused(identity.post(TOKENS, json={"auth": auth}, authenticated=False), 400, 401)
    log_in(identity).setup(201)  # clouds that count failures begin anew


@pytest.mark.uuid("042308a6-dd26-49bf-8437-e913f9b025ca")
@pytest.mark.reference("https://docs.openstack.org/api-ref/identity/v3/#validate-and-show-information-for-token")
def test_no_subject_no_answer(identity: Api) -> None:
    """Who looks up a token without saying which one is shown none."""
    assert_refused(identity.get(TOKENS), 400, 401, 403, 404)
