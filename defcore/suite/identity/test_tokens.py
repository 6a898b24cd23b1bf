"""Tokens: got by password, looked up, revoked. Every token revoked here was made by the test itself."""

import pytest

from defcore.suite.support import Api
from defcore.suite.support.identity import (
    TOKEN,
    TOKENS,
    clock_of,
    comparable,
    log_in,
    moment,
    revoke,
    show_token,
    token_in,
)


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
    """A token exists for HEAD and GET after it was issued, and no more after it was revoked."""
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
    revoke(identity, subject).expect(204)
    identity.head(TOKENS, headers=headers).expect(404, because="the token was revoked")
