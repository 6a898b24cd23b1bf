"""Tokens: got by password, looked up, revoked. Every token revoked here was made by the test itself."""

import re
from typing import Any

import pytest

from defcore.suite.support import Api, PromiseBroken
from defcore.suite.support.identity import (
    SCOPED_TOKEN,
    TOKEN,
    TOKENS,
    ask_token,
    comparable,
    log_in,
    own_project,
    password_user,
    revoke,
    show_token,
    token_in,
)
from defcore.suite.support.moment import clock_of, moment

NEVER_ISSUED = "0123456789abcdef" * 2
UTC_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


@pytest.mark.uuid("c0e2c7a2-54d1-464a-a1ef-2c9d2169ce8d")
@pytest.mark.covers("6f8e4436-fc96-4282-8122-e41df57197a9")
@pytest.mark.reference(
    "https://docs.openstack.org/api-ref/identity/v3/#password-authentication-with-unscoped-authorization"
)
def test_password_token(identity: Api) -> None:
    """A user's password gets a token in a header, whose document names the user, the method and a time to come."""
    answer = log_in(identity).expect(201).check(TOKEN)
    token_in(answer)
    token = answer.json["token"]
    user_id = identity.actor.user_id
    assert token["user"]["id"] == user_id, f"{answer.where}: expected user {user_id}, seen {token['user']}"
    username = identity.actor.credentials.get("username")
    assert username is None or token["user"]["name"].lower() == username.lower(), (
        f"{answer.where}: expected the user's name {username!r}, seen {token['user']['name']!r}"
    )
    assert token["methods"][0] == "password", f"{answer.where}: expected password first, seen {token['methods']}"
    issued, expires = (moment(answer, token[key]) for key in ("issued_at", "expires_at"))
    assert expires > issued, f"{answer.where}: expected an end after the issue at {issued}, seen {expires}"
    assert expires > clock_of(answer), f"{answer.where}: expected an end in the future, seen {expires}"


@pytest.mark.uuid("5a8b6e22-85b5-4371-9ef7-57d2ce7024b9")
@pytest.mark.covers("a9512ac3-3909-48a4-b395-11f438e16260")
@pytest.mark.reference("https://docs.openstack.org/api-ref/identity/v3/#validate-and-show-information-for-token")
def test_validate_then_revoke(identity: Api) -> None:
    """A token that is looked up shows the document that it was issued with, and is not found once it is revoked."""
    issued = log_in(identity).setup(201)
    subject = token_in(issued)
    shown = show_token(identity, subject).expect(200).check(TOKEN)
    for key, value in issued.json["token"].items():
        seen = shown.json["token"].get(key)
        assert comparable(seen) == comparable(value), f"{shown.where}: expected {key} {value!r}, seen {seen!r}"
    user_id = identity.actor.user_id
    assert shown.json["token"]["user"]["id"] == user_id, f"{shown.where}: expected user {user_id}"
    added = sorted(set(shown.json["token"]) - set(issued.json["token"]))
    assert not added, f"{shown.where}: expected what the token was issued with, seen also {added}"
    revoke(identity, subject).expect(204)
    show_token(identity, subject).expect(404, because="the token was revoked")


@pytest.mark.uuid("125df970-16d4-43ea-b3c5-4fd7afe488c6")
@pytest.mark.covers("0f9f5a5f-d5cd-4a86-8a5b-c5ded151f212")
@pytest.mark.reference("https://docs.openstack.org/api-ref/identity/v3/#revoke-token")
def test_token_exists_until_revoked(identity: Api) -> None:
    """A token exists for HEAD and GET after it was issued, and no more after it was revoked; the one that revoked it
    stays."""
    subject = token_in(log_in(identity).setup(201))
    headers = {"X-Subject-Token": subject}
    identity.head(TOKENS, headers=headers).expect(200)
    shown = show_token(identity, subject).expect(200).check(TOKEN)
    user = shown.json["token"]["user"]
    assert user["id"] == identity.actor.user_id, f"{shown.where}: expected {identity.actor.user_id}, seen {user}"
    username = identity.actor.credentials.get("username")
    assert username is None or user["name"].lower() == username.lower(), (
        f"{shown.where}: expected the user's name {username!r}, seen {user['name']!r}"
    )
    asking = token_in(log_in(identity).setup(201))  # the run's own is renewed if it goes, too, and nobody would see it
    revoke(identity, subject, token=asking).expect(204)
    identity.head(TOKENS, headers=headers).expect(404, because="the token was revoked")
    show_token(identity, asking, token=asking).expect(200, because="another token was revoked")


@pytest.mark.uuid("a7f54b68-580f-46b4-9f4a-b4ba10e56e0b")
@pytest.mark.reference(
    "https://docs.openstack.org/api-ref/identity/v3/#password-authentication-with-scoped-authorization"
)
def test_scoped_token_document(identity: Api) -> None:
    """A token for a project tells the project, the roles and the catalog, when issued and when looked up."""
    issued = log_in(identity, scope=own_project(identity.actor)).expect(201).check(SCOPED_TOKEN)
    shown = show_token(identity, token_in(issued)).expect(200).check(SCOPED_TOKEN)
    assert comparable(shown.json) == comparable(issued.json), f"{shown.where}: expected the document as issued"
    project = shown.json["token"]["project"]["id"]
    assert project == identity.actor.project_id, f"{shown.where}: expected {identity.actor.project_id}, seen {project}"


@pytest.mark.uuid("2222c31f-62b4-4b65-a388-5c53d260d68d")
@pytest.mark.reference(
    "https://docs.openstack.org/api-ref/identity/v3/#password-authentication-with-scoped-authorization"
)
def test_password_token_by_name(identity: Api) -> None:
    """A user gets a token by name and domain as well as by id, and it is the same user's."""
    by_id = log_in(identity).setup(201).json["token"]["user"]
    named = {"name": by_id["name"], "domain": {"id": by_id["domain"]["id"]}}
    user = named | {"password": password_user(identity.actor)["password"]}
    answer = ask_token(identity, {"password": {"user": user}}).expect(201).check(TOKEN)
    seen = answer.json["token"]["user"]
    assert seen == by_id, f"{answer.where}: expected {by_id}, seen {seen}"


@pytest.mark.uuid("ba82e249-4294-40ad-b2d7-1b80fae467f9")
@pytest.mark.reference("https://docs.openstack.org/api-ref/identity/v3/#get-service-catalog")
def test_token_without_catalog(identity: Api) -> None:
    """A token asked for with `nocatalog` comes without the catalog, and is otherwise the same."""
    scope = own_project(identity.actor)
    answer = log_in(identity, scope=scope, query="?nocatalog").expect(201).check(TOKEN)
    full = log_in(identity, scope=scope).setup(201).json["token"]
    missing = set(full) - set(answer.json["token"])
    assert missing == {"catalog"}, f"{answer.where}: expected all but the catalog, missing {sorted(missing)}"


@pytest.mark.uuid("d7e83061-0c2f-4ee1-95b0-f5921f73f201")
@pytest.mark.reference("https://docs.openstack.org/api-ref/identity/v3/#token-authentication-with-scoped-authorization")
def test_unscoped_then_rescoped(identity: Api) -> None:
    """An unscoped token opens no project, and gets one for a project that lives no longer than itself."""
    first = log_in(identity, scope="unscoped").expect(201).check(TOKEN)
    extra = {"project", "roles", "catalog"} & set(first.json["token"])
    assert not extra, f"{first.where}: expected a token without scope, seen {sorted(extra)}"
    payload = {"token": {"id": token_in(first)}}
    second = ask_token(identity, payload, scope=own_project(identity.actor)).expect(201).check(SCOPED_TOKEN)
    old, new = first.json["token"], second.json["token"]
    assert set(new["methods"]) >= {"token", "password"}, f"{second.where}: expected both methods, seen {new['methods']}"
    assert new["audit_ids"][1:] == old["audit_ids"][:1], (
        f"{second.where}: expected the chain from {old['audit_ids']}, seen {new['audit_ids']}"
    )
    ends = [moment(second, one["expires_at"]) for one in (old, new)]
    assert ends[1] <= ends[0], f"{second.where}: expected an end not after {ends[0]}, seen {ends[1]}"


@pytest.mark.uuid("49ed9558-c58a-440c-95ce-450a447fe715")
@pytest.mark.reference("https://docs.openstack.org/api-ref/identity/v3/#revoke-token")
def test_revoked_token_opens_no_service(mine: Any, identity: Api) -> None:
    """A token that was revoked before any service saw it is refused by every service, and is found no more.

    The identity service itself is not asked with it: keystone may take a token for good, for as long as it caches,
    that the same worker saw before.
    """
    dead = token_in(log_in(identity, scope=own_project(identity.actor)).setup(201))
    revoke(identity, dead).setup(204)
    show_token(identity, dead).expect(404, because="the token was revoked")
    places = (
        (mine.compute, "/servers"),
        (mine.image, "/v2/images"),
        (mine.network, "/v2.0/networks"),
        (mine.block_storage, "/volumes"),
        (mine.object_store, ""),
    )
    for api, path in places:
        if api.actor.endpoint(api.service) is not None:
            api.get(path, token=dead).expect(401, because="the token was revoked")


@pytest.mark.uuid("b6bc981b-f4e5-4d8b-ab59-abe4159dc266")
@pytest.mark.reference("https://docs.openstack.org/api-ref/identity/v3/#validate-and-show-information-for-token")
def test_look_up_needs_valid_tokens(identity: Api) -> None:
    """A token is looked up only by who shows a valid token, and one that was never issued is not found."""
    subject = token_in(log_in(identity).setup(201))
    show_token(identity, subject, authenticated=False).expect(401)
    show_token(identity, subject, token=NEVER_ISSUED).expect(401)
    show_token(identity, NEVER_ISSUED).expect(404)


@pytest.mark.uuid("3dd74695-d30b-48c6-a1c8-bd383bdaf229")
@pytest.mark.needs("alt")
@pytest.mark.reference("https://docs.openstack.org/api-ref/identity/v3/#revoke-token")
def test_token_of_another_user(identity: Api, alt_identity: Api) -> None:
    """A user can neither look up nor revoke the token of another user, whose token stays valid."""
    foreign = token_in(log_in(alt_identity).setup(201))
    show_token(identity, foreign).expect(403, 404)
    revoke(identity, foreign).expect(403, 404)
    show_token(alt_identity, foreign).expect(200, because="nobody who may has revoked it")


@pytest.mark.uuid("5ce58176-974b-42f5-b5bd-b9c3a781929d")
@pytest.mark.reference("https://docs.openstack.org/api-ref/identity/v3/#validate-and-show-information-for-token")
def test_token_times_are_told_in_utc(identity: Api) -> None:
    """A token is told with its times in UTC in the extended form of ISO 8601, and when looked up in its header too."""
    issued = log_in(identity).setup(201)
    subject = token_in(issued)
    shown = show_token(identity, subject).expect(200)
    for answer in (issued, shown):
        times = {name: answer.json["token"].get(name) for name in ("issued_at", "expires_at")}
        wrong = {name: time for name, time in times.items() if not UTC_TIME.fullmatch(str(time))}
        assert not wrong, f"{answer.where}: expected times such as 2026-01-31T12:00:00.000000Z, seen {wrong}"
    if token_in(shown) != subject:
        raise PromiseBroken(f"{shown.where}: X-Subject-Token is another token", expected="the token", seen="another")
