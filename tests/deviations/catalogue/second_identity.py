"""Clouds that get identity wrong in ways written down in a second round, before the tests were looked at.

They estimate what the suite notices of clouds that it was not made for.
"""

from __future__ import annotations

from typing import Any

from defcore.model.capability import Service
from tests.deviations.catalogue.identity import TOKENS, asked
from tests.deviations.catalogue.leniency import json_mended
from tests.deviations.changes import respond, retry, status, without_json
from tests.deviations.deviation import Book
from tests.deviations.message import Call

book = Book(Service.IDENTITY)
add, at = book.add, book.at
KEYS, ONE_KEY = "/users/{id}/application_credentials", "/users/{id}/application_credentials/{id}"
CREDENTIALS, CREATE = "identity-v3-application-credentials", "identity-v3-tokens-create"
REFUSED = {
    "error": {"code": 401, "title": "Unauthorized", "message": "The request you have made requires authentication."}
}


def _by_name(call: Call) -> bool:
    one = asked(call).get("identity", {}).get("application_credential", {})
    return isinstance(one, dict) and "name" in one and "id" not in one


def _own_token(call: Call) -> None:
    call.headers.setdefault("X-Subject-Token", call.token)


def _known_method(document: dict[str, Any]) -> None:
    identity = document.get("auth", {}).get("identity", {})
    if "password" in identity:
        identity["methods"] = ["password"]


def _with_domain(document: dict[str, Any]) -> None:
    user = document.get("auth", {}).get("identity", {}).get("password", {}).get("user", {})
    if "name" in user and "domain" not in user:
        user["domain"] = {"id": "default"}


add(
    "credential-by-name-refused",
    "an application credential opens nothing by its name and its user",
    CREDENTIALS,
    at("POST", TOKENS, respond(401, REFUSED, when=_by_name)),
)
add(
    "credential-roles-ignored",
    "an application credential has all roles of its user whichever it was to have",
    CREDENTIALS,
    at("POST", KEYS, without_json("application_credential.roles")),
)
add(
    "credential-rules-lost",
    "an application credential is made without its access rules",
    CREDENTIALS,
    at("POST", KEYS, without_json("application_credential.access_rules")),
)
add(
    "unknown-credential-deleted",
    "an application credential that there is not is reported as deleted",
    CREDENTIALS,
    at("DELETE", ONE_KEY, status(404, 204, empty=True)),
)
add(
    "credential-name-missing-taken",
    "an application credential needs no name",
    CREDENTIALS,
    at("POST", KEYS, json_mended(400, lambda one: one.get("application_credential", {}).setdefault("name", "unnamed"))),
)
add(
    "log-in-with-any-method",
    "a way to log in that there is not is taken for the password",
    CREATE,
    at("POST", TOKENS, json_mended(400, _known_method)),
)
add(
    "log-in-without-domain",
    "who logs in by name without a domain is looked for in the default one",
    CREATE,
    at("POST", TOKENS, json_mended(400, _with_domain)),
)
add(
    "subject-missing-taken",
    "who looks up no token is shown the own one",
    "identity-v3-tokens-validate",
    at("GET|HEAD", TOKENS, retry(403, _own_token)),
)
