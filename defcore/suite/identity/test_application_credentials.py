"""Application credentials: made, used, listed, limited. They stand for the user in one project."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from defcore.suite.support import Absent, Answer, Api, CannotTell, Prerequisite, Resources, wait_for
from defcore.suite.support.identity import TOKEN, ask_token, log_in, own_project, revoke, show_token, token_in
from defcore.suite.support.moment import clock_of

pytestmark = pytest.mark.reference("https://docs.openstack.org/api-ref/identity/v3/#application-credentials")

CREDENTIAL: dict[str, Any] = {
    "type": "object",
    "required": ["id", "name", "description", "project_id", "roles", "expires_at", "unrestricted"],
    "properties": {
        "id": {"type": "string", "minLength": 1},
        "name": {"type": "string"},
        "description": {"type": ["string", "null"]},
        "user_id": {"type": "string"},
        "project_id": {"type": "string"},
        "system": {},
        "roles": {"type": "array", "minItems": 1, "items": {"type": "object", "required": ["id", "name"]}},
        "expires_at": {"type": ["string", "null"]},
        "unrestricted": {"type": ["boolean", "null"]},
        "access_rules": {"type": "array"},
        "links": {"type": "object"},
        "secret": {"type": "string", "minLength": 1},
    },
}


def wrapped(credential: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["application_credential"],
        "properties": {"application_credential": credential, "links": {"type": "object"}},
    }


SHOWN = wrapped(CREDENTIAL)
CREATED = wrapped(CREDENTIAL | {"required": [*CREDENTIAL["required"], "secret"]})
LISTED = {
    "type": "object",
    "required": ["application_credentials"],
    "properties": {"application_credentials": {"type": "array", "items": CREDENTIAL}, "links": {"type": "object"}},
}


def place(identity: Api, id: str = "") -> str:
    return f"/v3/users/{identity.actor.user_id}/application_credentials{'/' if id else ''}{id}"


def fresh(identity: Api) -> str:
    """A token got by password: the run's own may stem from an application credential, which may not make others."""
    return token_in(log_in(identity, scope=own_project(identity.actor)).setup(201))


def make(identity: Api, resources: Resources, purpose: str, **properties: Any) -> Answer:
    """Ask for a new credential; the answer is not asserted on."""
    name = resources.name(purpose)
    body = {"application_credential": {"name": name} | properties}
    owner = identity.actor.user_id
    return resources.create(
        identity, "application_credential", place(identity), json=body, name=name, owner=owner, token=fresh(identity)
    )


def use(identity: Api, credential: dict[str, Any], scope: Any = None) -> Answer:
    """Ask for a token by the credential."""
    payload = {"id": credential["id"], "secret": credential["secret"]}
    return ask_token(identity, {"application_credential": payload}, scope=scope)


@pytest.mark.uuid("71f0495f-871b-41ac-b9ef-18f7a04443f3")
@pytest.mark.covers("8080c75c-eddc-4786-941a-c2da7039ae61")
def test_create_and_use(identity: Api, resources: Resources) -> None:
    """An application credential is made with a secret that is shown only then, and gets a token for the project."""
    made = make(identity, resources, "use").expect(201).check(CREATED).json["application_credential"]
    shown = identity.get(place(identity, made["id"])).expect(200).check(SHOWN)
    assert "secret" not in shown.json["application_credential"], f"{shown.where}: expected no secret, seen one"
    answer = use(identity, made).expect(201).check(TOKEN)
    token_in(answer)
    project = answer.json["token"].get("project", {}).get("id")
    assert project == identity.actor.project_id, f"{answer.where}: expected {identity.actor.project_id}, seen {project}"


@pytest.mark.uuid("c2f56081-3ed5-4e42-a109-7185ef1b44e1")
@pytest.mark.covers("852daf0c-42b5-4239-8466-d193d0543ed3")
def test_expiry_is_kept(identity: Api, resources: Resources) -> None:
    """An application credential that is to expire says the same moment, letter by letter, as was asked for."""
    end = (datetime.now(UTC) + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%S.%f")
    answer = make(identity, resources, "expiry", expires_at=end).expect(201).check(CREATED)
    seen = answer.json["application_credential"]["expires_at"]
    assert seen == end, f"{answer.where}: expected expires_at {end}, seen {seen}"


@pytest.mark.uuid("7d2a4939-6b4e-4837-9a5b-98bd02ab6e61")
@pytest.mark.covers("ff0cd457-6224-46e7-b79e-0ada4964a8a6")
def test_list(identity: Api, resources: Resources) -> None:
    """The list of application credentials has each one that the user made, and no secret."""
    made = [make(identity, resources, "list").setup(201).json["application_credential"] for _ in range(2)]
    answer = identity.get(place(identity)).expect(200).check(LISTED)
    found = {one["id"]: one for one in answer.json["application_credentials"]}
    for one in made:
        assert found.get(one["id"], {}).get("name") == one["name"], f"{answer.where}: expected {one['name']}"
    assert not any("secret" in one for one in found.values()), f"{answer.where}: expected no secret, seen one"


@pytest.mark.uuid("c67b02ee-57fe-41a7-b396-d2835826b7ae")
@pytest.mark.covers("9bb5e5cc-5250-493a-8869-8b665f6aa5f6")
def test_filter_by_name(identity: Api, resources: Resources) -> None:
    """Filtered by name, the list has the one application credential of that name."""
    made = [make(identity, resources, "query").setup(201).json["application_credential"] for _ in range(2)]
    answer = identity.get(place(identity), params={"name": made[1]["name"]}).expect(200).check(LISTED)
    names = [one["name"] for one in answer.json["application_credentials"]]
    assert names == [made[1]["name"]], f"{answer.where}: expected {[made[1]['name']]}, seen {names}"


@pytest.mark.uuid("0688ad6e-eb69-404b-bf10-42c668f55117")
def test_deleted_credential_is_worthless(identity: Api, resources: Resources) -> None:
    """A deleted application credential gets no token any more, and the token that it got is void."""
    made = make(identity, resources, "delete").setup(201).json["application_credential"]
    subject = token_in(use(identity, made).setup(201))
    identity.delete(place(identity, made["id"]), token=fresh(identity)).expect(204)
    identity.get(place(identity, made["id"])).expect(404)
    use(identity, made).expect(401, 404)
    show_token(identity, subject).expect(404, because="the credential behind the token was deleted")


@pytest.mark.uuid("1e22e204-eba0-415d-be70-1dc1900f92af")
def test_wrong_secret(identity: Api, resources: Resources) -> None:
    """An application credential with a wrong secret gets no token."""
    made = make(identity, resources, "secret").setup(201).json["application_credential"]
    use(identity, made).setup(201)
    use(identity, made | {"secret": made["secret"][::-1]}).expect(401)


@pytest.mark.uuid("8fa2c557-fcf0-4a18-b2c8-736eaef50eb2")
@pytest.mark.needs("alt")
def test_no_other_scope(identity: Api, alt_identity: Api, resources: Resources) -> None:
    """An application credential, and a token got by it, opens no other project than its own."""
    made = make(identity, resources, "scope").setup(201).json["application_credential"]
    other = own_project(alt_identity.actor)
    use(identity, made, scope=other).expect(401, 403)
    subject = token_in(use(identity, made).setup(201))
    ask_token(identity, {"token": {"id": subject}}, scope=other).expect(401, 403)


@pytest.mark.uuid("897cb572-1f66-45ac-8da0-26d7bb2e4b7e")
def test_restricted_by_default(identity: Api, resources: Resources) -> None:
    """Unless it is made unrestricted, an application credential makes and deletes no application credentials."""
    made = make(identity, resources, "restricted").setup(201).json["application_credential"]
    token = token_in(use(identity, made).setup(201))
    name, owner = resources.name("second"), identity.actor.user_id
    body = {"application_credential": {"name": name}}
    second = resources.create(
        identity, "application_credential", place(identity), json=body, name=name, owner=owner, token=token
    )
    second.expect(403)
    identity.delete(place(identity, made["id"]), token=token).expect(403)
    use(identity, made).expect(201, because="the credential could not be deleted")
    revoke(identity, token)


@pytest.mark.uuid("2efdaf83-6017-428c-a82e-fea2f4f222c3")
def test_expires(identity: Api, resources: Resources) -> None:
    """An application credential works before the moment at which it expires, and not after it."""
    end = clock_of(log_in(identity)) + timedelta(seconds=8)
    expires_at = end.strftime("%Y-%m-%dT%H:%M:%S.%f")
    made = make(identity, resources, "expires", expires_at=expires_at).setup(201).json["application_credential"]
    answer = use(identity, made)
    if clock_of(answer) >= end:
        raise CannotTell("the cloud took so long to make a credential that it has expired")
    answer.expect(201)
    wait_for(
        lambda: use(identity, made).status,
        lambda status: status == 401,
        because="the credential is refused once it has expired",
        timeout=45,
        promised=True,
    )


@pytest.mark.uuid("cdd45f6b-fee2-46e7-98b4-721c6c7a8ab4")
@pytest.mark.needs("alt")
def test_private_to_the_user(identity: Api, alt_identity: Api, resources: Resources) -> None:
    """A user may neither list, show nor delete the application credentials of another user."""
    made = make(identity, resources, "private").setup(201).json["application_credential"]
    for id in ("", made["id"]):
        identity.get(place(identity, id)).setup(200)
    for method, id in (("GET", ""), ("GET", made["id"]), ("DELETE", made["id"])):
        alt_identity.request(method, place(identity, id)).expect(403, 404)
    identity.get(place(identity, made["id"])).expect(200, because="nobody who may has deleted it")


@pytest.mark.uuid("8f38f85e-0215-4bf7-b11e-e19a7547f824")
@pytest.mark.reference("https://docs.openstack.org/api-ref/identity/v3/#authenticating-with-an-application-credential")
def test_token_tells_the_method(identity: Api, resources: Resources) -> None:
    """A token got by an application credential tells that method alone, when issued and when looked up."""
    made = make(identity, resources, "method").setup(201).json["application_credential"]
    answer = use(identity, made).expect(201).check(TOKEN)
    for seen in (answer, show_token(identity, token_in(answer)).expect(200)):
        methods = seen.json["token"]["methods"]
        assert methods == ["application_credential"], f"{seen.where}: expected application_credential, seen {methods}"


@pytest.mark.uuid("d0372a93-6d39-4dea-a71c-57dae31a3bcc")
@pytest.mark.reference("https://docs.openstack.org/api-ref/identity/v3/#create-application-credential")
def test_names_are_taken_once(identity: Api, resources: Resources) -> None:
    """A user has one application credential of a name: a second one is refused with 409."""
    first = make(identity, resources, "twice").expect(201).check(CREATED).json["application_credential"]
    again = {"application_credential": {"name": first["name"]}}
    owner = identity.actor.user_id
    path, kind = place(identity), "application_credential"
    resources.create(identity, kind, path, json=again, name=first["name"], owner=owner, token=fresh(identity)).expect(
        409, because="the user has an application credential of this name"
    )


@pytest.mark.uuid("038e8a9b-610a-4984-bee7-57ec19b39cb7")
@pytest.mark.reference("https://docs.openstack.org/api-ref/identity/v3/#authenticating-with-an-application-credential")
def test_use_by_name(identity: Api, resources: Resources) -> None:
    """An application credential is found by its name and its user, and gets a token for its project."""
    made = make(identity, resources, "by-name").setup(201).json["application_credential"]
    user = {"id": identity.actor.user_id}
    payload = {"name": made["name"], "secret": made["secret"], "user": user}
    answer = ask_token(identity, {"application_credential": payload}).expect(201).check(TOKEN)
    project = answer.json["token"].get("project", {}).get("id")
    assert project == identity.actor.project_id, f"{answer.where}: expected {identity.actor.project_id}, seen {project}"


@pytest.mark.uuid("724b7d60-a342-4e78-a35f-d06efe1b453a")
@pytest.mark.reference("https://docs.openstack.org/api-ref/identity/v3/#create-application-credential")
@pytest.mark.needs("admin")
def test_roles_are_those_asked_for(identity: Api, admin: Any, resources: Resources) -> None:
    """An application credential that is to have one of its user's roles has that one, and those that it implies, and so
    has its token. The administrator tells which roles imply others.
    """
    own = {one["id"] for one in show_token(identity, fresh(identity)).setup(200).json["token"]["roles"]}
    told = admin.identity.get("/v3/role_inferences").setup(200).json["role_inferences"]
    implied = {one["prior_role"]["id"]: {role["id"] for role in one["implies"]} for one in told}
    role, held = min(((role, closure(role, implied)) for role in own), key=lambda pair: len(pair[1] & own))
    if held >= own:
        raise Prerequisite("each role of the user brings all others: that one alone is given cannot be seen")
    made = make(identity, resources, "role", roles=[{"id": role}]).expect(201).check(CREATED)
    used = use(identity, made.json["application_credential"]).expect(201).check(TOKEN)
    for answer, roles in ((made, made.json["application_credential"]["roles"]), (used, used.json["token"]["roles"])):
        seen = {one["id"] for one in roles}
        assert role in seen, f"{answer.where}: expected the role {role}, seen {seen}"
        assert seen <= held, f"{answer.where}: expected none but {held}, seen {seen}"


def closure(role: str, implied: dict[str, set[str]]) -> set[str]:
    """A role with all that it implies, and what those imply."""
    found, left = {role}, [role]
    while left:
        new = implied.get(left.pop(), set()) - found
        found |= new
        left += new
    return found


@pytest.mark.uuid("78999c26-2ede-45dc-ae45-1b862042c0a9")
@pytest.mark.reference("https://docs.openstack.org/api-ref/identity/v3/#delete-application-credential")
def test_what_makes_no_sense_is_refused(identity: Api, resources: Resources) -> None:
    """An application credential without a name is refused with 400, and one that does not exist is neither shown nor
    deleted: 404."""
    path, owner = place(identity), identity.actor.user_id
    body = {"application_credential": {"description": "without a name"}}
    resources.create(identity, "application_credential", path, json=body, owner=owner, token=fresh(identity)).expect(
        400, because="it has no name"
    )
    for method in ("GET", "DELETE"):
        answer = identity.request(method, place(identity, "0123456789abcdef" * 2), token=fresh(identity))
        answer.expect(404, because="there is no such application credential")


@pytest.mark.uuid("66a5b4bb-7cb4-466f-835e-a6a7f21c25ab")
@pytest.mark.needs("disposable")
@pytest.mark.reference("https://docs.openstack.org/api-ref/identity/v3/#create-application-credential")
def test_access_rules_are_kept(disposable: Any, resources: Resources) -> None:
    """An application credential shows the access rules that it is made with, and they are listed as its user's.

    They outlive the credential, which is why the user is a disposable one.
    """
    identity: Api = disposable.identity
    owner = identity.actor.user_id
    path = f"/v3/users/{owner}/access_rules"
    listed = identity.get(path)
    if listed.status == 404:
        raise Absent(f"application credentials have no access rules here ({listed.where})")
    # A path of its own: a rule that the user has already would be used again, and is not ours to delete.
    rules = [{"service": "image", "method": "GET", "path": f"/v2/images/{resources.name('rule')}"}]
    rule = resources.intend(identity, "access_rule", name=rules[0]["path"], owner=owner)
    made = make(identity, resources, "rules", access_rules=rules)
    if 400 <= made.status < 500:
        rule.never_asked_for()
    made.expect(201).check(CREATED)
    id = made.json["application_credential"]["id"]
    told = made.json["application_credential"].get("access_rules", [])
    for one in told[:1]:
        rule.known_as(one["id"])
    for answer in (made, identity.get(place(identity, id)).expect(200).check(SHOWN)):
        shown = answer.json["application_credential"].get("access_rules", [])
        seen = [{name: one.get(name) for name in rules[0]} for one in shown]
        assert seen == rules, f"{answer.where}: expected the access rules {rules}, seen {shown}"
    resources.remove("application_credential", id)
    where = f"{path}/{told[0]['id']}"
    identity.get(where).expect(200, because="an access rule outlives its credential")
    identity.delete(where, token=fresh(identity)).expect(204)
    identity.get(where).expect(404, because="the access rule was deleted")
    resources.forget("access_rule", told[0]["id"])
