"""Clouds that hand out, look up and revoke tokens wrongly, or tell wrongly what there is."""

from __future__ import annotations

import json
from typing import Any

from defcore.model.capability import Service
from tests.deviations.changes import (
    answer,
    respond,
    retry,
    stale,
    status,
    told,
    untold,
    with_json,
    without_json,
    without_query,
)
from tests.deviations.deviation import Book
from tests.deviations.message import Call, Reply

book = Book(Service.IDENTITY)
add, at = book.add, book.at
TOKENS = "/auth/tokens"
CREDENTIALS = "/users/{id}/application_credentials"
LONG_AGO = "2001-01-01T00:00:00.000000Z"
NOBODY = "0123456789abcdef0123456789abcdef"


def asked(call: Call) -> Any:
    """The `auth` of a request for a token."""
    return (call.document or {}).get("auth", {})


def by_test(call: Call) -> bool:
    """A token that a test asks for, unlike those that the run itself works with: without a project."""
    return "scope" not in asked(call)


def by_test_for_a_project(call: Call) -> bool:
    """As tests ask for it, by the user's id; the run itself logs in by name."""
    user = asked(call).get("identity", {}).get("password", {}).get("user", {})
    return "id" in user and "scope" in asked(call)


def by_suite(call: Call) -> bool:
    """Not what the client library asks to log in: with a document that it cannot read there would be no run."""
    return "keystoneauth" not in call.headers.get("User-Agent", "")


def subject(call: Call) -> str:
    return call.headers.get("X-Subject-Token", "")


# --- tokens --------------------------------------------------------------------------------------------------


async def _any_password(call: Call) -> Reply:
    """Who logged in once with a password logs in with any."""
    identity = asked(call).get("identity", {})
    reply = await call.forward()
    if identity.get("methods") != ["password"]:
        return reply
    user = {name: value for name, value in identity["password"]["user"].items() if name != "password"}
    key = json.dumps([user, asked(call).get("scope")], sort_keys=True)
    if reply.status == 201:
        call.memory[key] = reply
    elif reply.status == 401 and key in call.memory:
        kept = call.memory[key]
        return Reply(status=201, headers=kept.headers.copy(), body=kept.body)
    return reply


def _unscoped(call: Call) -> None:
    document = call.document
    document["auth"].pop("scope", None)
    call.document = document


CREATE, VALIDATE, DELETE = "identity-v3-tokens-create", "identity-v3-tokens-validate", "identity-v3-tokens-delete"
add(
    "wrong-password-accepted",
    "a user who logged in once logs in with any password",
    CREATE,
    at("POST", TOKENS, _any_password),
    published="MI-03",
)
add(
    "token-without-issued-at",
    "a new token does not say when it was issued",
    CREATE,
    at("POST", TOKENS, untold("token.issued_at", on=(201,))),
    published="MI-05",
)
add(
    "bare-401",
    "a refused log-in has neither code nor title, nor the header WWW-Authenticate",
    CREATE,
    at("POST", TOKENS, untold("error.code", "error.title", headers=("WWW-Authenticate",), on=(401,))),
    published="MI-09",
)
add(
    "token-of-somebody-else",
    "a new token names another user",
    CREATE,
    at("POST", TOKENS, told("token.user.id", NOBODY, when=by_test)),
)
add(
    "token-expired-at-birth",
    "a new token ended long ago",
    CREATE,
    at("POST", TOKENS, told("token.expires_at", LONG_AGO, when=by_test)),
)
add(
    "token-without-method",
    "a new token does not say how its user logged in",
    CREATE,
    at("POST", TOKENS, told("token.methods", [], when=by_test)),
)
add("token-status-200", "a new token is answered with 200", CREATE, at("POST", TOKENS, status(201, 200)))
add(
    "no-role-no-scope",
    "who has no role in a project gets a token without the project",
    CREATE,
    at("POST", TOKENS, retry(401, _unscoped)),
)
add(
    "nocatalog-ignored",
    "a token asked for without catalog comes with it",
    "identity-v3-catalog",
    at("POST", TOKENS, without_query("nocatalog")),
)
add(
    "scope-of-another-project",
    "a token for a project names another project",
    CREATE,
    at("POST", TOKENS, told("token.project.id", NOBODY, when=by_test_for_a_project)),
)

add(
    "revocation-without-effect",
    "a token is good after its revocation",
    DELETE,
    at("DELETE", TOKENS, respond(204)),
    published="MI-01",
)
add(
    "head-after-revocation",
    "a revoked token still exists for HEAD",
    DELETE,
    at("HEAD", TOKENS, stale(subject)),
)
add("revocation-status-200", "a revocation is answered with 200", DELETE, at("DELETE", TOKENS, status(204, 200)))
add(
    "revoked-token-shown",
    "a token that was once looked up is shown after its revocation",
    VALIDATE,
    at("GET", TOKENS, stale(subject)),
)
add(
    "lookup-shows-the-asker",
    "a token that is looked up shows another user",
    VALIDATE,
    at("GET", TOKENS, told("token.user.id", NOBODY)),
)
add(
    "lookup-shows-other-times",
    "a token that is looked up shows other times than it was issued with",
    VALIDATE,
    at("GET", TOKENS, told("token.issued_at", LONG_AGO)),
)
add(
    "unknown-token-403",
    "a token that does not exist is forbidden, not unknown",
    VALIDATE,
    at("GET|HEAD", TOKENS, status(404, 403)),
)


# --- projects ------------------------------------------------------------------------------------------------


def _foreign_project(call: Call, reply: Reply) -> None:
    document, foreign = reply.document, call.tokens.other_project(call.project)
    if foreign and document["projects"]:
        document["projects"].append(document["projects"][0] | foreign)
        reply.document = document


PROJECTS = "identity-v3-list-projects"
add(
    "foreign-project-listed",
    "a project of somebody else is in the list",
    PROJECTS,
    at("GET", "/users/{id}/projects", answer(_foreign_project)),
    published="MI-07",
)
add("projects-not-listed", "no project is listed", PROJECTS, at("GET", "/users/{id}/projects", told("projects", [])))
add(
    "scopes-not-offered",
    "no project is offered as scope",
    PROJECTS,
    at("GET", "/auth/projects", told("projects", [])),
)
add(
    "project-without-domain",
    "a listed project does not name its domain",
    PROJECTS,
    at("GET", "/users/{id}/projects", untold("projects.*.domain_id")),
)

# --- what there is -------------------------------------------------------------------------------------------


def _code_names(call: Call, reply: Reply) -> None:
    document = reply.document
    for service in document["catalog"]:
        if service.get("type") in ("compute", "image"):
            service["type"] = service["name"]
    reply.document = document


CATALOG, DISCOVERY = "identity-v3-catalog", "identity-v3-api-discovery"
add(
    "catalog-with-code-names",
    "services are of the type nova and glance",
    CATALOG,
    at("GET", "/auth/catalog", answer(_code_names)),
)
add(
    "endpoint-without-address",
    "endpoints of the catalog have no address",
    CATALOG,
    at("GET", "/auth/catalog", untold("catalog.*.endpoints.*.url")),
)
add(
    "catalog-with-templates",
    "addresses of the catalog are templates",
    CATALOG,
    at("GET", "/auth/catalog", told("catalog.*.endpoints.*.url", lambda url: f"{url}/%(tenant_id)s")),
)
add(
    "endpoint-without-region",
    "endpoints of the catalog have no region",
    CATALOG,
    at("GET", "/auth/catalog", untold("catalog.*.endpoints.*.region", "catalog.*.endpoints.*.region_id")),
)
add(
    "endpoint-without-interface",
    "endpoints of the catalog have no interface",
    CATALOG,
    at("GET", "/auth/catalog", untold("catalog.*.endpoints.*.interface")),
)
VERSION = "^/v3/?"
add(
    "version-of-unknown-status",
    "version 3 has a status that nobody knows",
    DISCOVERY,
    at("GET", VERSION, told("version.status", "fine", when=by_suite)),
)
add(
    "version-without-media",
    "version 3 names no media type",
    DISCOVERY,
    at("GET", VERSION, told("version.media-types", [])),
)
add(
    "version-without-link",
    "version 3 has no link",
    DISCOVERY,
    at("GET", VERSION, untold("version.links", when=by_suite)),
)
add(
    "version-is-secret",
    "version 3 is described only with a token",
    DISCOVERY,
    at("GET", VERSION, respond(401, when=lambda call: by_suite(call) and not call.token)),
)
add(
    "version-3-twice",
    "the root lists version 3 twice",
    DISCOVERY,
    at("GET", "^/?", told("versions.values", lambda versions: versions * 2, on=(300,))),
)
add(
    "root-without-version-3",
    "the root lists no version 3",
    "identity-list-api-versions",
    at("GET", "^/?", told("versions.values.*.id", "v2.0", on=(300,))),
)
add(
    "domain-disabled",
    "the domain of the project is shown as disabled",
    "identity-v3-default-domain",
    at("GET", "/domains/{id}", told("domain.enabled", False)),
)

# --- application credentials ---------------------------------------------------------------------------------

APPLICATION = "identity-v3-application-credentials"
add(
    "credential-stays",
    "an application credential stays after its deletion",
    APPLICATION,
    at("DELETE", f"{CREDENTIALS}/{{id}}", respond(204)),
)
add(
    "secret-shown-again",
    "the secret of an application credential is shown whenever it is asked for",
    APPLICATION,
    at("GET", f"{CREDENTIALS}/{{id}}", told("application_credential.secret", "secret")),
)
add(
    "credential-unrestricted",
    "an application credential may make others without having been asked for so",
    APPLICATION,
    at("POST", CREDENTIALS, with_json("application_credential.unrestricted", True)),
)
add(
    "credential-never-ends",
    "an application credential that is to expire does not",
    APPLICATION,
    at("POST", CREDENTIALS, without_json("application_credential.expires_at")),
)
add(
    "credential-filter-ignored",
    "the list of application credentials is not filtered by name",
    APPLICATION,
    at("GET", CREDENTIALS, without_query("name")),
)
