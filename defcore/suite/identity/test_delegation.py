"""What a token tells without its catalog, and trusts, by which one user lets another act in a project."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

import pytest

from defcore.suite.support import Absent, Api, Resources
from defcore.suite.support.identity import TOKEN, log_in, own_project, show_token, token_in
from defcore.suite.support.moment import clock_of

TRUSTS = "/v3/OS-TRUST/trusts"
TRUST = {
    "type": "object",
    "required": ["trust"],
    "properties": {
        "trust": {
            "type": "object",
            "required": ["id", "trustor_user_id", "trustee_user_id", "project_id", "impersonation", "roles"],
            "properties": {
                "id": {"type": "string", "minLength": 1},
                "impersonation": {"type": "boolean"},
                "roles": {"type": "array", "minItems": 1, "items": {"type": "object", "required": ["id", "name"]}},
            },
            "additionalProperties": True,  # redelegation, deletion and use count depend on the release
        }
    },
}


@pytest.fixture
def theirs(alt: Any) -> Api:
    """Identity as the second user asks it; mark the test `needs("alt")`."""
    api: Api = alt.identity
    return api


@pytest.mark.uuid("e706b13c-8bd3-4a2e-94d1-1c50be6d12c7")
@pytest.mark.reference("https://docs.openstack.org/api-ref/identity/v3/#validate-and-show-information-for-token")
def test_look_up_without_catalog(identity: Api) -> None:
    """A token that is looked up with `nocatalog` is shown without the catalog, and an answer about a token says by
    the header Vary that it depends on who asks."""
    subject = token_in(log_in(identity, scope=own_project(identity.actor)).setup(201))
    full = show_token(identity, subject).expect(200).check(TOKEN)
    answer = show_token(identity, subject, params={"nocatalog": ""}).expect(200).check(TOKEN)
    missing = set(full.json["token"]) - set(answer.json["token"])
    assert missing == {"catalog"}, f"{answer.where}: expected all but the catalog, missing {sorted(missing)}"
    varies = full.header("Vary").lower()
    assert "x-auth-token" in varies, f"{full.where}: Vary does not name X-Auth-Token: {varies}"


@pytest.mark.uuid("f5eda08f-71c6-476e-9df6-31c97838c4f0")
@pytest.mark.needs("alt")
@pytest.mark.reference("https://docs.openstack.org/api-ref/identity/v3-ext/#os-trust-api")
def test_trust_lends_a_role_until_it_ends(identity: Api, theirs: Api, resources: Resources) -> None:
    """A trust gives another user a token for the trustor's project with the roles lent and no other; when the trust
    has ended, that token is void and there is no other."""
    token = log_in(identity, scope=own_project(identity.actor)).setup(201)
    roles = token.json["token"]["roles"]
    body = {
        "trustor_user_id": identity.actor.user_id,
        "trustee_user_id": theirs.actor.user_id,
        "project_id": identity.actor.project_id,
        "impersonation": False,
        "roles": [{"id": roles[0]["id"]}],
    }
    end = clock_of(token) + timedelta(days=1, seconds=secrets.randbelow(86_400))  # a trust has no name to find it by
    name = f"{end:%Y-%m-%dT%H:%M:%S}"
    asked = {"trust": body | {"expires_at": f"{name}Z"}}
    answer = resources.create(identity, "trust", TRUSTS, name=name, json=asked, token=token_in(token))
    if answer.status in (403, 404):
        raise Absent(f"the cloud lets no ordinary user make trusts ({answer.where})")
    trust = answer.expect(201).check(TRUST).json["trust"]
    seen = {name: trust[name] for name in body if name != "roles"}
    assert seen == {name: body[name] for name in seen}, f"{answer.where}: expected {body}, seen {seen}"
    scope = {"OS-TRUST:trust": {"id": trust["id"]}}
    lent = log_in(theirs, scope=scope).expect(201)
    document = lent.json["token"]
    assert document.get("OS-TRUST:trust", {}).get("id") == trust["id"], f"{lent.where}: the token names no trust"
    assert document["user"]["id"] == theirs.actor.user_id, f"{lent.where}: the user is {document['user']['id']}"
    assert document["project"]["id"] == identity.actor.project_id, f"{lent.where}: for {document['project']}"
    names, allowed = ({role["name"] for role in some} for some in (document["roles"], roles))
    assert roles[0]["name"] in names <= allowed, f"{lent.where}: expected of {allowed} what was lent, seen {names}"
    identity.delete(f"{TRUSTS}/{trust['id']}", token=token_in(token)).expect(204)
    log_in(theirs, scope=scope).expect(401, 403, 404, because="the trust has ended")
    show_token(identity, token_in(lent)).expect(401, 403, 404, because="the trust has ended")
    identity.get(f"{TRUSTS}/{trust['id']}", token=token_in(token)).expect(404, because="the trust has ended")
    resources.forget("trust", trust["id"])
