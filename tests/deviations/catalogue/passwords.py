"""Clouds in which a user's change of the own password is not what it seems."""

from __future__ import annotations

import itertools
import secrets
from typing import Any

from multidict import CIMultiDict

from defcore.model.capability import Service
from tests.deviations.changes import answer, respond, status
from tests.deviations.deviation import Book
from tests.deviations.message import Call, Reply

book = Book(Service.IDENTITY)
add, at = book.add, book.at
CAPABILITY = "identity-v3-user-password"
TOKENS, CHANGE = "/auth/tokens", "/users/{id}/password"
CHANGED, LOGINS = "changed", "logins"


def wanted(call: Call) -> dict[str, str]:
    """The present and the new password of a change."""
    found = (call.document or {}).get("user")
    return found if isinstance(found, dict) else {}


def unchanged(call: Call) -> bool:
    """The new password is the present one."""
    return wanted(call).get("password") == wanted(call).get("original_password")


def login(call: Call) -> dict[str, Any]:
    """Id and password of a login; empty for one by other means."""
    identity = (call.document or {}).get("auth", {}).get("identity", {})
    user = identity.get("password", {}).get("user", {})
    return user if identity.get("methods") == ["password"] and "id" in user else {}


def noted(call: Call, reply: Reply) -> None:
    """Keep that a user's password was changed, and to what."""
    call.memory.setdefault(CHANGED, []).append((call.path.split("/")[-2], wanted(call).get("password")))


def was_changed(call: Call) -> bool:
    """The password of this user, before."""
    return any(user == call.path.split("/")[-2] for user, _ in call.memory.get(CHANGED, ()))


def refusal(code: int, message: str) -> Reply:
    reply = Reply(status=code)
    reply.document = {"error": {"code": code, "message": message, "title": "refused"}}
    return reply


async def _former_password_stays(call: Call) -> Reply:
    """Who logged in with a password once does so ever after."""
    user, reply = login(call), await call.forward()
    key = (LOGINS, user.get("id"), user.get("password"))
    if user and reply.status == 201:
        call.memory[key] = reply
    elif reply.status == 401 and key in call.memory:
        kept = call.memory[key]
        return Reply(status=201, headers=kept.headers.copy(), body=kept.body)
    return reply


async def _locks_out(call: Call) -> Reply:
    """The new password gets no token."""
    user = login(call)
    if user and (user["id"], user.get("password")) in call.memory.get(CHANGED, ()):
        return refusal(401, "The request you have made requires authentication.")
    return await call.forward()


async def _tokens_stay(call: Call) -> Reply:
    """A revoked token gets another one."""
    reply = await call.forward()
    methods = (call.document or {}).get("auth", {}).get("identity", {}).get("methods")
    if reply.status == 404 and methods == ["token"]:
        reply = Reply(status=201, headers=CIMultiDict({"X-Subject-Token": secrets.token_hex(16)}))
        reply.document = {"token": {"methods": ["token"]}}
    return reply


async def _changes_though_it_refuses(call: Call) -> Reply:
    """A password of the history is refused, and is the present one all the same."""
    asked, reply = wanted(call), await call.forward()
    if reply.status == 400 and not unchanged(call):
        passwords = [asked["original_password"], *(f"aA1!{secrets.token_hex(12)}" for _ in range(3)), asked["password"]]
        for former, new in itertools.pairwise(passwords):
            step = call.again()
            step.headers.pop("X-Auth-Token", None)
            step.document = {"user": {"password": new, "original_password": former}}
            await step.forward()
    return reply


async def _once(call: Call) -> Reply:
    """The second change is refused, as if its password had been used before."""
    if was_changed(call):
        return refusal(400, "The new password cannot be identical to a previous password.")
    reply = await call.forward()
    if reply.good:
        noted(call, reply)
    return reply


async def _any_original(call: Call) -> Reply:
    """The present password need not be given."""
    reply = await call.forward()
    return Reply(status=204) if reply.status == 401 else reply


add(
    "password-not-changed",
    "a change of the password is answered as made, and is none",
    CAPABILITY,
    at("POST", CHANGE, respond(204)),
)
add(
    "password-change-refused",
    "a user may not change the own password",
    CAPABILITY,
    at("POST", CHANGE, respond(403, {"error": {"code": 403, "message": "You are not authorized.", "title": "no"}})),
)
add(
    "password-change-with-body",
    "a change of the password answers 200",
    CAPABILITY,
    at("POST", CHANGE, status(204, 200)),
)
add(
    "former-password-stays",
    "the former password goes on to get tokens",
    CAPABILITY,
    at("POST", TOKENS, _former_password_stays),
)
add(
    "locked-out-by-change",
    "the new password gets no token",
    CAPABILITY,
    at("POST", CHANGE, answer(noted)),
    at("POST", TOKENS, _locks_out),
)
add("tokens-outlive-password", "tokens from before a change get others", CAPABILITY, at("POST", TOKENS, _tokens_stay))
add(
    "present-password-anew",
    "a cloud that remembers former passwords takes the present one anew",
    CAPABILITY,
    at("POST", CHANGE, respond(204, when=unchanged)),
)
add(
    "refused-password-set",
    "a password that was used before is refused, and set",
    CAPABILITY,
    at("POST", CHANGE, _changes_though_it_refuses),
)
add(
    "no-second-change",
    "a password that was changed once is not changed again, whatever the new one",
    CAPABILITY,
    at("POST", CHANGE, _once),
)
add(
    "history-refuses-by-conflict",
    "a password that was used before is refused as a conflict",
    CAPABILITY,
    at("POST", CHANGE, status(400, 409)),
)
add("any-original-password", "the present password need not be given", CAPABILITY, at("POST", CHANGE, _any_original))
