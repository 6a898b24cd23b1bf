"""Tags of servers, from microversion 2.26 on."""

from typing import Any

import pytest

from defcore.suite.support import Api, PromiseBroken, Resources
from defcore.suite.support.answer import Answer
from defcore.suite.support.compute import Servers
from defcore.suite.support.compute_schemas import SERVERS_BRIEF_BODY, TAGS_BODY

pytestmark = pytest.mark.reference("https://docs.openstack.org/api-ref/compute/#server-tags-servers-tags")

MICROVERSION = "2.26"
MOST = 50


class Tags:
    """The tags of one server."""

    def __init__(self, api: Api, server: str) -> None:
        self.api = api
        self.path = f"/servers/{server}/tags"

    def ask(self, method: str, tag: str = "", **more: Any) -> Answer:
        path = f"{self.path}/{tag}" if tag else self.path
        return self.api.request(method, path, microversion=MICROVERSION, **more)

    def given(self, *tags: str) -> None:
        """Set-up: the server gets these tags, one by one."""
        for tag in tags:
            self.ask("PUT", tag).setup(201)

    def expect(self, *expected: str) -> None:
        """The server must have these tags, each once, in any order, and no other."""
        answer = self.ask("GET").expect(200).check(TAGS_BODY)
        self.expect_in(answer, *expected)

    def expect_in(self, answer: Answer, *expected: str) -> None:
        seen = sorted(answer.json["tags"])
        if seen != sorted(expected):
            raise PromiseBroken(
                f"{answer.where}: expected the tags {sorted(expected)}, seen {seen}",
                expected=sorted(expected),
                seen=seen,
            )
        honoured = answer.header("OpenStack-API-Version")
        assert honoured == f"compute {MICROVERSION}", f"{answer.where}: answered as {honoured}, not {MICROVERSION}"


@pytest.fixture
def tags(compute: Api, servers: Servers) -> Tags:
    """The tags of a new server; it has none. Skips where the service is too old."""
    compute.need_microversion(MICROVERSION)
    return Tags(compute, servers.boot("tags")["id"])


@pytest.mark.uuid("2497fdb3-ed22-47a5-8df2-27a0a8aa5864")
@pytest.mark.covers("8d95abe2-c658-4c42-9a44-c0258500306b")
@pytest.mark.needs("image", "flavor")
def test_tag_is_added_and_deleted(tags: Tags, resources: Resources) -> None:
    """A new server has no tags; a tag that it is given is its only one, and is gone when it is deleted.

    The answer to a new tag is 201 and tells in the header Location where the tag is.
    """
    tag = resources.name("tag")
    tags.expect()
    answer = tags.ask("PUT", tag).expect(201)
    answer.header("Location")
    tags.expect(tag)
    tags.ask("DELETE", tag).expect(204)
    tags.expect()


@pytest.mark.uuid("6154cb9b-14ff-4318-92f7-6dfc43604cbd")
@pytest.mark.covers("a2c1af8c-127d-417d-974b-8115f7e3d831")
@pytest.mark.needs("image", "flavor")
@pytest.mark.reference("https://docs.openstack.org/api-ref/compute/#replace-tags")
def test_tags_are_replaced(tags: Tags, resources: Resources) -> None:
    """Tags that are put together replace all tags of the server, in the answer and when they are listed."""
    tags.given(resources.name("old"), resources.name("old"))
    new = [resources.name("new"), resources.name("new")]
    tags.expect_in(tags.ask("PUT", json={"tags": new}).expect(200).check(TAGS_BODY), *new)
    tags.expect(*new)


@pytest.mark.uuid("d3b78b01-c0b1-4bb7-95d9-2b0335e29b3f")
@pytest.mark.covers("a63b2a74-e918-4b7c-bcab-10c855f3a57e")
@pytest.mark.needs("image", "flavor")
@pytest.mark.reference("https://docs.openstack.org/api-ref/compute/#delete-all-tags")
def test_all_tags_are_deleted(tags: Tags, resources: Resources) -> None:
    """A server whose tags are deleted all together has none left."""
    two = (resources.name("tag"), resources.name("tag"))
    tags.given(*two)
    tags.expect(*two)
    tags.ask("DELETE").expect(204)
    tags.expect()


@pytest.mark.uuid("2a2ff59a-d2bf-4c46-8681-f11398794d9b")
@pytest.mark.covers("81279a66-61c3-4759-b830-a2dbe64cbe08")
@pytest.mark.needs("image", "flavor")
@pytest.mark.reference("https://docs.openstack.org/api-ref/compute/#check-tag-existence")
def test_tag_exists(tags: Tags, resources: Resources) -> None:
    """To ask for a tag that the server has is answered with 204 and nothing more."""
    tag = resources.name("tag")
    tags.given(tag)
    tags.ask("GET", tag).expect(204, because="the server has the tag").empty()


@pytest.mark.uuid("59fa9f80-0f14-45a5-8b48-a7b9d15aaa79")
@pytest.mark.needs("image", "flavor")
def test_tag_is_one_of_a_set(tags: Tags, resources: Resources) -> None:
    """A tag that the server has already is accepted with 204 and not added twice, one that it does not have is not
    found, and only the tag that is named is deleted."""
    tag, other, never = resources.name("tag"), resources.name("other"), resources.name("never")
    tags.given(tag, other)
    tags.ask("PUT", tag).expect(204, because="the server has the tag already")
    tags.expect(tag, other)
    tags.ask("GET", never).expect(404, because="the server does not have the tag")
    tags.ask("DELETE", never).expect(404, because="the server does not have the tag")
    tags.ask("DELETE", tag).expect(204)
    tags.ask("GET", tag).expect(404, because="the tag was deleted")
    tags.ask("DELETE", tag).expect(404, because="the tag was deleted")
    tags.expect(other)


@pytest.mark.uuid("2648eb4a-9864-471d-8ed5-2aba31416215")
@pytest.mark.needs("image", "flavor")
def test_tags_have_limits(tags: Tags) -> None:
    """A server takes 50 tags of 60 characters, and refuses with 400 a further one, a longer one, an empty one, and
    one with a slash or a comma; its tags stay as they were."""
    most = [f"{number:060}" for number in range(MOST)]
    tags.expect_in(tags.ask("PUT", json={"tags": most}).expect(200).check(TAGS_BODY), *most)
    tags.ask("PUT", "one-more").expect(400, because=f"the server has {MOST} tags")
    for wrong in ([*most, "one-more"], ["x" * 61], [""], ["a/b"], ["a,b"], [1]):
        tags.ask("PUT", json={"tags": wrong}).expect(400, because=f"the tags {str(wrong)[-40:]}")
    tags.expect(*most)


@pytest.mark.uuid("47a2097f-c76c-4007-af55-857182f11441")
@pytest.mark.needs("alt", "image", "flavor")
def test_tags_of_foreign_server_are_hidden(tags: Tags, alt_compute: Api, resources: Resources) -> None:
    """A user of another project can do nothing with the tags of a server, nor list the server by its tag, and they
    stay as they are.

    The reference documents 403 and 404 alike; nova answers 403.
    """
    tag = resources.name("tag")
    tags.given(tag)
    foreign = Tags(alt_compute, "")
    foreign.path = tags.path
    for method, where, body in (
        ("GET", "", None),
        ("GET", tag, None),
        ("PUT", "taken", None),
        ("PUT", "", {"tags": ["taken"]}),
        ("DELETE", tag, None),
        ("DELETE", "", None),
    ):
        foreign.ask(method, where, json=body).expect(403, 404, because="the server is another project's")
    seen = alt_compute.get("/servers", params={"tags": tag}, microversion=MICROVERSION).expect(200)
    seen = seen.check(SERVERS_BRIEF_BODY).json["servers"]
    assert seen == [], f"GET /servers?tags={tag} lists {seen} of another project"
    tags.expect(tag)
