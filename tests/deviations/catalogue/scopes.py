"""Clouds whose identity service says of tokens, projects, domains and versions something else than promised."""

from __future__ import annotations

from defcore.model.capability import Service
from tests.deviations.catalogue.identity import (
    LONG_AGO,
    NOBODY,
    asked,
    by_suite,
    by_test,
    by_test_for_a_project,
    subject,
)
from tests.deviations.changes import (
    answer,
    respond,
    retry,
    status,
    told,
    untold,
    without_json,
)
from tests.deviations.deviation import Book
from tests.deviations.message import Call, Reply

book = Book(Service.IDENTITY)
add, at = book.add, book.at
TOKENS, CREDENTIALS, CREDENTIAL = (
    "/auth/tokens",
    "/users/{id}/application_credentials",
    "/users/{id}/application_credentials/{id}",
)
CREATE, VALIDATE, DELETE = "identity-v3-tokens-create", "identity-v3-tokens-validate", "identity-v3-tokens-delete"

# --- tokens --------------------------------------------------------------------------------------------------

for name, path, value in (
    ("token-without-domain", "token.user.domain", None),
    ("token-with-other-name", "token.user.name", "nobody"),
    ("token-issued-in-words", "token.issued_at", "today"),
    ("token-ends-without-zone", "token.expires_at", lambda time: time.rstrip("Z").replace("T", " ")),
    ("token-methods-as-text", "token.methods", "password"),
):
    add(
        name,
        f"a new token has another `{path.partition('.')[2]}`",
        CREATE,
        at("POST", TOKENS, told(path, value, when=by_test)),
    )
for name in ("roles", "project", "catalog"):
    add(
        f"scoped-token-without-{name}",
        f"a token for a project has no {name}",
        CREATE,
        at("POST", TOKENS, untold(f"token.{name}", when=by_test_for_a_project)),
    )
add(
    "scope-lost",
    "a token for a project is issued without the project",
    CREATE,
    at("POST", TOKENS, without_json("auth.scope")),
)
add(
    "rescoped-token-lives-on",
    "a token got by a token lives longer than that one",
    CREATE,
    at(
        "POST",
        TOKENS,
        told(
            "token.expires_at",
            "2099-01-01T00:00:00.000000Z",
            when=lambda call: "token" in asked(call).get("identity", {}).get("methods", []),
        ),
    ),
)
add(
    "bad-request-as-401",
    "a request for a token that makes no sense is answered with 401",
    CREATE,
    at("POST", TOKENS, status(400, 401)),
)
add(
    "no-token-403",
    "who shows no token is forbidden, instead of asked to authenticate",
    VALIDATE,
    at("GET", ".*", status(401, 403)),
)
add(
    "token-header-missing",
    "a token is not in its header",
    CREATE,
    at("POST", TOKENS, untold(headers=("X-Subject-Token",), when=by_test)),
)
for name, path, value in (
    ("lookup-without-roles", "token.roles", []),
    ("lookup-of-another-project", "token.project.id", NOBODY),
    ("lookup-without-methods", "token.methods", ["token"]),
    ("lookup-ends-otherwise", "token.expires_at", "2099-01-01T00:00:00.000000Z"),
    ("lookup-without-catalog", "token.catalog", []),
):
    add(
        name,
        f"a token that is looked up shows another `{path.partition('.')[2]}`",
        VALIDATE,
        at("GET", TOKENS, told(path, value)),
    )
add(
    "lookup-without-subject",
    "a token that is looked up is not in the header",
    VALIDATE,
    at("GET", TOKENS, untold(headers=("X-Subject-Token",))),
)
add(
    "lookup-status-203", "a token that is looked up is answered with 203", VALIDATE, at("GET", TOKENS, status(200, 203))
)
add(
    "anyone-looks-up",
    "a token of another user is shown to anyone",
    DELETE,
    at("GET|HEAD", TOKENS, retry(403, lambda call: _as_subject(call))),
)
add(
    "look-up-without-token",
    "a token is looked up without any token",
    VALIDATE,
    at("GET|HEAD", TOKENS, retry(401, lambda call: _as_subject(call))),
)
add(
    "anyone-revokes",
    "a token of another user is revoked by anyone",
    DELETE,
    at("DELETE", TOKENS, retry(403, lambda call: _as_subject(call))),
)
add("head-status-204", "HEAD of a token is answered with 204", DELETE, at("HEAD", TOKENS, status(200, 204, empty=True)))
add(
    "revocation-of-all",
    "a revoked token is forbidden instead of not found",
    DELETE,
    at("GET|HEAD", TOKENS, status(404, 401)),
)


def _as_subject(call: Call) -> None:
    call.headers["X-Auth-Token"] = subject(call)


# --- projects, domains, catalog, versions --------------------------------------------------------------------

PROJECTS, DOMAIN, CATALOG = "identity-v3-list-projects", "identity-v3-default-domain", "identity-v3-catalog"
OF_USER = "/users/{id}/projects"
for name, path, value in (
    ("project-of-other-name", "projects.*.name", "project"),
    ("project-disabled", "projects.*.enabled", False),
    ("project-enabled-in-words", "projects.*.enabled", "true"),
    ("project-of-other-id", "projects.*.id", NOBODY),
):
    add(
        name,
        f"a listed project has another `{path.rpartition('.')[2]}`",
        PROJECTS,
        at("GET", OF_USER, told(path, value)),
    )
add(
    "projects-of-anyone",
    "the projects of another user are listed",
    PROJECTS,
    at("GET", OF_USER, lambda call: _own_projects(call)),
)
add(
    "project-listed-twice",
    "a project is listed twice",
    PROJECTS,
    at("GET", OF_USER, told("projects", lambda all: all * 2)),
)
add(
    "scopes-of-others",
    "a project that the user has no role in is offered as scope",
    PROJECTS,
    at("GET", "/auth/projects", answer(lambda call, reply: _foreign_scope(call, reply))),
)
for name, path, value in (
    ("domain-of-other-id", "domain.id", NOBODY),
    ("domain-without-name", "domain.name", None),
    ("domain-enabled-in-words", "domain.enabled", "true"),
    ("domain-in-plural", "domain", None),
):
    add(name, f"the domain of the project has another `{path}`", DOMAIN, at("GET", "/domains/{id}", told(path, value)))
add(
    "domain-without-description",
    "the domain is shown without links",
    DOMAIN,
    at("GET", "/domains/{id}", untold("domain.links")),
)
add("domain-forbidden", "the domain of the project is forbidden", DOMAIN, at("GET", "/domains/{id}", respond(403)))
add(
    "catalog-without-identity",
    "the catalog does not have the identity service",
    CATALOG,
    at("GET", "/auth/catalog", told("catalog", lambda all: [one for one in all if one["type"] != "identity"])),
)
add("catalog-empty", "the catalog is empty", CATALOG, at("GET", "/auth/catalog", told("catalog", [])))
add(
    "endpoints-without-id",
    "endpoints of the catalog have no id",
    CATALOG,
    at("GET", "/auth/catalog", untold("catalog.*.endpoints.*.id")),
)
add(
    "catalog-without-names",
    "services of the catalog have no name",
    CATALOG,
    at("GET", "/auth/catalog", untold("catalog.*.name")),
)
DISCOVERY, ROOTS, VERSION = "identity-v3-api-discovery", "identity-list-api-versions", "^/v3/?"
add("version-without-id", "version 3 has no id", DISCOVERY, at("GET", VERSION, untold("version.id", when=by_suite)))
add(
    "version-without-update",
    "version 3 does not say when it was updated",
    DISCOVERY,
    at("GET", VERSION, untold("version.updated", when=by_suite)),
)
add(
    "version-of-another-api",
    "version 3 is named as another one",
    DISCOVERY,
    at("GET", VERSION, told("version.id", "v2.0", when=by_suite)),
)
add(
    "version-links-nowhere",
    "version 3 links to another place",
    DISCOVERY,
    at("GET", VERSION, told("version.links.*.href", "http://example.org/", when=by_suite)),
)
add(
    "version-media-of-xml",
    "version 3 speaks XML",
    DISCOVERY,
    at("GET", VERSION, told("version.media-types.*.type", "application/vnd.openstack.identity-v3+xml", when=by_suite)),
)
add("root-status-200", "the root answers with 200", ROOTS, at("GET", "^/?", status(300, 200)))
add(
    "root-without-links",
    "versions of the root have no links",
    ROOTS,
    at("GET", "^/?", untold("versions.values.*.links", on=(300,), when=by_suite)),
)
add(
    "root-without-media",
    "versions of the root have no media types",
    ROOTS,
    at("GET", "^/?", untold("versions.values.*.media-types", on=(300,), when=by_suite)),
)
add(
    "root-without-status",
    "versions of the root have no status",
    ROOTS,
    at("GET", "^/?", untold("versions.values.*.status", on=(300,), when=by_suite)),
)
add(
    "root-empty",
    "the root lists no version",
    ROOTS,
    at("GET", "^/?", told("versions.values", [], on=(300,), when=by_suite)),
)


async def _own_projects(call: Call) -> Reply:
    reply = await call.forward()
    if reply.status == 403:
        return await call.beside("/v3/auth/projects").forward()
    return reply


def _foreign_scope(call: Call, reply: Reply) -> None:
    document, foreign = reply.document, call.tokens.other_project(call.project)
    if foreign and document["projects"]:
        document["projects"].append(document["projects"][0] | foreign)
        reply.document = document


# --- application credentials ---------------------------------------------------------------------------------

APPLICATION = "identity-v3-application-credentials"
add(
    "credential-not-listed",
    "an application credential is not listed",
    APPLICATION,
    at("GET", CREDENTIALS, told("application_credentials", [])),
)
add(
    "credential-secret-listed",
    "secrets of application credentials are listed",
    APPLICATION,
    at("GET", CREDENTIALS, told("application_credentials.*.secret", "secret")),
)
add(
    "credential-without-secret",
    "the secret of a new application credential is not told",
    APPLICATION,
    at("POST", CREDENTIALS, untold("application_credential.secret")),
)
add(
    "credential-of-other-project",
    "an application credential names another project",
    APPLICATION,
    at("GET|POST", f"{CREDENTIALS}(/{{id}})?", told("application_credential.project_id", NOBODY)),
)
add(
    "credential-end-in-words",
    "an application credential expires on another day",
    APPLICATION,
    at(
        "GET|POST",
        f"{CREDENTIALS}(/{{id}})?",
        told("application_credential.expires_at", lambda time: time and LONG_AGO),
    ),
)
add(
    "credential-description-lost",
    "the description of an application credential is lost",
    APPLICATION,
    at("POST", CREDENTIALS, without_json("application_credential.description")),
)
add(
    "credential-roles-lost",
    "an application credential shows no roles",
    APPLICATION,
    at("GET|POST", f"{CREDENTIALS}(/{{id}})?", told("application_credential.roles", [])),
)
add(
    "any-secret",
    "any secret opens an application credential",
    APPLICATION,
    at("POST", TOKENS, lambda call: _any_secret(call)),
)
add(
    "credential-token-scope",
    "a token of an application credential opens another project",
    APPLICATION,
    at(
        "POST",
        TOKENS,
        told(
            "token.project.id",
            NOBODY,
            when=lambda call: "application_credential" in asked(call).get("identity", {}).get("methods", []),
        ),
    ),
)
add(
    "credential-delete-status-200",
    "deleting an application credential is answered with 200",
    APPLICATION,
    at("DELETE", CREDENTIAL, status(204, 200)),
)
add(
    "credential-of-anyone",
    "application credentials of others are forbidden in other words",
    APPLICATION,
    at("GET|DELETE", f"{CREDENTIALS}(/{{id}})?", status(403, 200)),
)


async def _any_secret(call: Call) -> Reply:
    identity = asked(call).get("identity", {})
    about = identity.get("application_credential")
    reply = await call.forward()
    if not about:
        return reply
    if reply.status == 201:
        call.memory[about.get("id")] = reply
    elif reply.status == 401 and about.get("id") in call.memory:
        kept = call.memory[about["id"]]
        return Reply(status=201, headers=kept.headers.copy(), body=kept.body)
    return reply
