"""Clouds that get identity wrong in ways written down before the tests were looked at.

They estimate what the suite notices of clouds that it was not made for.
"""

from __future__ import annotations

from typing import Any

from defcore.model.capability import Service
from tests.deviations.catalogue.identity import CREDENTIALS, TOKENS, asked, by_suite
from tests.deviations.changes import answer, drop, invent, put, respond, status, told, untold, without_query
from tests.deviations.deviation import Book
from tests.deviations.message import Call, Reply

book = Book(Service.IDENTITY)
add, at = book.add, book.at
CREATE, VALIDATE, DELETE = "identity-v3-tokens-create", "identity-v3-tokens-validate", "identity-v3-tokens-delete"
KEYS, CATALOG, ROOT = "identity-v3-application-credentials", "identity-v3-catalog", "identity-list-api-versions"
TRUSTS = "/OS-TRUST/trusts"


def _by_token(call: Call) -> bool:
    return by_suite(call) and "token" in asked(call).get("identity", {}).get("methods", ())


def _by_credential(call: Call) -> bool:
    return by_suite(call) and "application_credential" in asked(call).get("identity", {}).get("methods", ())


def _beyond_projects(call: Call) -> bool:
    scope = asked(call).get("scope")
    return isinstance(scope, dict) and ("system" in scope or "domain" in scope)


def _user(call: Call) -> dict[str, Any]:
    return asked(call).get("identity", {}).get("password", {}).get("user", {})


async def _as_project(call: Call) -> Reply:
    """A token that is to have no scope gets that of a project."""
    some = call.tokens.other_project(None)
    if asked(call).get("scope") == "unscoped" and some:
        document = call.document
        document["auth"]["scope"] = {"project": {"id": some["id"]}}
        call.document = document
    return await call.forward()


async def _as_unscoped(call: Call) -> Reply:
    """The scope of the system or of a domain is passed over."""
    if _beyond_projects(call):
        document = call.document
        document["auth"]["scope"] = "unscoped"
        call.document = document
    return await call.forward()


def _tell_unknown(edit: Any) -> Any:
    """A refusal of a user whom nobody has seen log in."""

    async def change(call: Call) -> Reply:
        user = _user(call)
        known = {user.get("id"), user.get("name")} - {None}
        reply = await call.forward()
        if reply.good:
            about = reply.document["token"]["user"]
            call.memory |= {about["id"]: True, about["name"]: True}
        elif reply.status == 401 and known and not known & call.memory.keys():
            edit(reply)
        return reply

    return change


def _say_unknown(reply: Reply) -> None:
    document = reply.document
    document["error"]["message"] = "Could not find user."
    reply.document = document


async def _revoke_both(call: Call) -> Reply:
    """With a token goes the one that revoked it."""
    reply = await call.forward()
    if reply.good and call.headers.get("X-Subject-Token") != call.token:
        other = call.again()
        other.headers["X-Subject-Token"] = call.token
        await other.forward()
    return reply


def _without_last(call: Call, reply: Reply) -> None:
    document = reply.document
    document["catalog"] = document["catalog"][:-1]
    reply.document = document


def _old_words(interface: str) -> str:
    return f"{interface}URL"


add(
    "audit-ids-missing",
    "a token has no audit ids",
    CREATE,
    at("POST", TOKENS, untold("token.audit_ids", when=by_suite)),
)
add(
    "rescoped-without-origin",
    "a token got by a token does not tell which one",
    CREATE,
    at("POST", TOKENS, told("token.audit_ids", lambda ids: (ids or [])[:1], when=_by_token)),
)
add(
    "rescoped-forgets-password",
    "a token got by a token does not say that a password was given before",
    CREATE,
    at("POST", TOKENS, told("token.methods", ["token"], when=_by_token)),
)
add("unscoped-gets-project", "a token that is to have no scope has a project", CREATE, at("POST", TOKENS, _as_project))
add(
    "system-scope-passed-over",
    "a scope of system or domain gives a bare token",
    CREATE,
    at("POST", TOKENS, _as_unscoped),
)
add(
    "roles-without-names",
    "roles of a token have no names",
    CREATE,
    at("POST", TOKENS, untold("token.roles.*.name", when=by_suite)),
)
add(
    "unknown-user-404",
    "who logs in as a user that there is not is told 404",
    CREATE,
    at("POST", TOKENS, _tell_unknown(lambda reply: setattr(reply, "status", 404))),
)
add(
    "unknown-user-told",
    "a refused log-in tells whether there is such a user",
    CREATE,
    at("POST", TOKENS, _tell_unknown(_say_unknown)),
)
add(
    "foreign-scope-403",
    "a token for a project of others is forbidden",
    CREATE,
    at("POST", TOKENS, answer(lambda call, reply: _forbid(call, reply), on=(401,))),
)


def _forbid(call: Call, reply: Reply) -> None:
    if isinstance(asked(call).get("scope"), dict) and "project" in asked(call)["scope"]:
        reply.status = 403
        drop(reply.headers, "WWW-Authenticate")


add(
    "broken-json-500",
    "a request for a token that is no JSON is an error of the server",
    CREATE,
    at("POST", TOKENS, answer(lambda call, reply: _fail(call, reply), on=(400,))),
)


def _fail(call: Call, reply: Reply) -> None:
    if call.document is None:
        reply.status = 500


add(
    "catalog-shorter",
    "the catalog lacks a service that tokens have",
    CATALOG,
    at("GET", "/auth/catalog", answer(_without_last)),
)
add(
    "catalog-of-version-2",
    "interfaces of endpoints are called publicURL",
    CATALOG,
    at("GET", "/auth/catalog", told("catalog.*.endpoints.*.interface", _old_words)),
)
add(
    "vary-missing",
    "answers do not say that they depend on the token",
    VALIDATE,
    at("GET|HEAD", TOKENS, untold(headers=("Vary",))),
)
add(
    "lookup-nocatalog-ignored",
    "a token looked up without catalog comes with it",
    VALIDATE,
    at("GET", TOKENS, without_query("nocatalog")),
)
add("revocation-of-both", "with a token goes the one that revoked it", DELETE, at("DELETE", TOKENS, _revoke_both))
add(
    "credential-name-twice",
    "a second application credential of the same name is reported as made",
    KEYS,
    at("POST", CREDENTIALS, invent("application_credential", on=409)),
)
add(
    "credential-end-without-fraction",
    "an application credential ends at a full second",
    KEYS,
    at("POST", CREDENTIALS, told("application_credential.expires_at", lambda at: at and f"{at[:19]}.000000")),
)
add(
    "credential-token-by-password",
    "a token of an application credential says that a password was given",
    KEYS,
    at("POST", TOKENS, told("token.methods", ["password"], when=_by_credential)),
)
add(
    "credential-restriction-ignored",
    "a token of a restricted application credential deletes it",
    KEYS,
    at("DELETE", f"{CREDENTIALS}/{{id}}", status(403, 204, empty=True)),
)
add(
    "credentials-without-project",
    "listed application credentials do not name their project",
    KEYS,
    at("GET", CREDENTIALS, untold("application_credentials.*.project_id")),
)
add(
    "projects-without-links",
    "listed projects have no links",
    "identity-v3-list-projects",
    at("GET", "/users/{id}/projects", untold("projects.*.links")),
)
add(
    "version-update-in-words",
    "version 3 tells its age in words",
    "identity-v3-api-discovery",
    at("GET", "/?", told("version.updated", "last spring", when=by_suite)),
)
add(
    "root-status-unknown",
    "versions of the root have a status that nobody knows",
    ROOT,
    at("GET", "^/?", answer(lambda _, reply: _unknown_status(reply), on=(300,), when=by_suite)),
)


def _unknown_status(reply: Reply) -> None:
    document = reply.document
    put(document, "versions.values.*.status", "fine")
    reply.document = document


add("trust-stays", "a trust that is ended goes on", CREATE, at("DELETE", f"{TRUSTS}/{{id}}", respond(204)))
add(
    "trust-not-told",
    "a token of a trust does not name it",
    CREATE,
    at("POST", TOKENS, untold("token.OS-TRUST:trust", when=by_suite)),
)
