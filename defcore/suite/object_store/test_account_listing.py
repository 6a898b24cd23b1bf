"""The listing of an account's containers.

Other containers may come and go in the account meanwhile. The six of a test share a stem that is nobody else's,
so that no other name sorts between two of them.
"""

from collections.abc import Callable

import pytest

from defcore.suite.support import Api, Resources, wait_for
from defcore.suite.support.object_store import (
    CONTAINER_LISTING,
    SETTLES,
    all_names,
    listed,
    names,
    new_container,
    policies,
)
from defcore.suite.support.object_store_headers import account_headers, account_policies, well_formed

pytestmark = pytest.mark.reference(
    "https://docs.openstack.org/api-ref/object-store/#show-account-details-and-list-containers"
)

Six = list[str]


def make_six(object_store: Api, resources: Resources) -> Six:
    stem = resources.name("listing")
    return [new_container(resources, object_store, "listing", name=f"{stem}-{letter}").name for letter in "abcdef"]


@pytest.fixture
def six(object_store: Api, resources: Resources) -> Six:
    """The names of six containers in order, once the account lists them."""
    made = make_six(object_store, resources)
    wait_for(
        lambda: all_names(object_store, "", up_to=made[-1]),
        lambda seen: set(made) <= set(seen),
        because="the account lists the six containers just made",
        timeout=SETTLES,
    )
    return made


Page = Callable[..., None]


@pytest.fixture
def page(object_store: Api) -> Page:
    """Asks for one page until it has just the names `wanted`, or is as `that` says, and checks its headers."""

    def ask(wanted: Six | None = None, *, that: Callable[[list[str]], bool] | None = None, **params: object) -> None:
        right = that or (lambda seen: seen == wanted)
        answer, _ = listed(
            lambda: object_store.get("", params=params),
            lambda seen: right(seen) and seen == sorted(seen),
            because=f"{params or 'no parameters'} give {wanted or 'names as promised'}, in order",
        )
        account_headers(answer)

    return ask


def ours(seen: list[str], six: Six) -> list[str]:
    return [name for name in seen if name in six]


@pytest.mark.uuid("09073516-948a-40dd-a94e-ce381874440c")
@pytest.mark.covers("3499406a-ae53-4f8c-b43a-133d4dc6fe3f")
def test_account_lists_containers(object_store: Api, resources: Resources) -> None:
    """An account lists the names of its containers, each once, and tells how much it stores."""
    six = make_six(object_store, resources)
    wait_for(
        lambda: ours(all_names(object_store, "", up_to=six[-1]), six),
        lambda seen: seen == six,
        because=f"the account lists {six}, each once",
        timeout=SETTLES,
        promised=True,
    )
    answer = wait_for(
        lambda: account_headers(object_store.get("").expect(200)),
        lambda seen: int(seen.header("X-Account-Container-Count")) >= len(six),
        because="the account counts the six containers",
        timeout=SETTLES,
        promised=True,
        show=lambda seen: seen.header("X-Account-Container-Count"),
    )
    assert answer.header("Content-Type").startswith("text/plain"), answer.header("Content-Type")
    account_policies(answer, policies(object_store))


@pytest.mark.uuid("5b508c11-da85-4f43-b7d0-967fb530137e")
@pytest.mark.covers("1c7efa35-e8a2-4b0b-b5ff-862c7fd83704")
def test_account_lists_containers_as_json(object_store: Api, six: Six) -> None:
    """An account lists its containers as JSON with name, number of objects and bytes, when asked for this format."""
    answer = object_store.get("", params={"format": "json", "marker": six[0][:-1]}).expect(200)
    account_headers(answer).check(CONTAINER_LISTING)
    assert answer.header("Content-Type").startswith("application/json"), answer.header("Content-Type")
    seen = {item["name"]: (item["count"], item["bytes"]) for item in answer.json if item["name"] in six}
    assert seen == dict.fromkeys(six, (0, 0)), f"six empty containers are expected, seen {seen}"


@pytest.mark.uuid("8ad56aa8-f079-402b-bb3f-ca51e796e978")
@pytest.mark.covers("5cfa4ab2-4373-48dd-a41f-a532b12b08b2")
def test_account_listing_limit(page: Page, six: Six) -> None:
    """An account lists as many containers as the limit says, if it has as many."""
    for limit in (1, 3, 6):
        page(limit=limit, that=lambda seen, limit=limit: len(seen) == limit)
    page(that=lambda seen: len(seen) >= len(six))


@pytest.mark.uuid("b305dbb9-9723-4563-ae05-6a6cafe68078")
@pytest.mark.covers("638f876d-6a43-482a-bbb3-0840bca101c6")
def test_account_listing_marker(page: Page, six: Six) -> None:
    """An account lists just the containers whose names come after the marker."""
    last, middle = six[-1], six[3]
    page(marker=last, that=lambda seen: all(name > last for name in seen))
    page(marker=middle, that=lambda seen: seen[:2] == six[4:] and all(name > middle for name in seen))


@pytest.mark.uuid("8e6d6bd3-0692-4c1c-9c7f-7d7115825889")
@pytest.mark.covers("5ca164e4-7bde-43fa-bafb-913b53b9e786")
def test_account_listing_end_marker(object_store: Api, page: Page, six: Six) -> None:
    """An account lists just the containers whose names come before the end marker."""
    first, middle = six[0], six[3]
    page(end_marker=first, that=lambda seen: all(name < first for name in seen))
    page(end_marker=middle, that=lambda seen: all(name < middle for name in seen))
    seen = all_names(object_store, "", up_to=six[2], end_marker=middle)
    assert seen[-3:] == six[:3], f"end_marker={middle}: {six[:3]} are expected last, seen {seen[-5:]}"


@pytest.mark.uuid("77b4f75f-c50f-4d92-82ca-467faea4eb52")
@pytest.mark.covers("ac8502c2-d4e4-4f68-85a6-40befea2ef5e")
def test_account_listing_marker_and_end_marker(page: Page, six: Six) -> None:
    """An account lists just the containers between marker and end marker, without these two."""
    page(six[1:-1], marker=six[0], end_marker=six[-1])


@pytest.mark.uuid("f1003dc5-6465-4d5a-bae8-b7f474cabbe1")
@pytest.mark.covers("f7064ae8-dbcc-48da-b594-82feef6ea5af")
def test_account_listing_limit_and_marker(page: Page, six: Six) -> None:
    """An account lists, from the first name after the marker on, no more containers than the limit says."""
    page(six[1:3], marker=six[0], limit=2)
    page(six[3:], marker=six[2], limit=3)


@pytest.mark.uuid("2eeb6de0-ea89-4aee-a641-e10a536a5200")
@pytest.mark.covers("888a3f0e-7214-4806-8e50-5e0c9a69bb5e")
def test_account_listing_limit_and_end_marker(page: Page, six: Six) -> None:
    """An account lists only containers before the end marker, and of these as many as the limit says."""
    page(end_marker=six[3], limit=2, that=lambda seen: len(seen) == 2 and all(name < six[3] for name in seen))


@pytest.mark.uuid("e8de8ad1-0aec-4b55-bac9-1eaa55510de6")
@pytest.mark.covers("8cf98d9c-e3a0-4e44-971b-c87656fdddbd")
def test_account_listing_limit_marker_and_end_marker(page: Page, six: Six) -> None:
    """An account lists the containers between marker and end marker up to the limit."""
    page(six[1:4], marker=six[0], end_marker=six[-1], limit=3)
    page(six[3:5], marker=six[2], end_marker=six[-1], limit=6)


@pytest.mark.uuid("caa766c9-574d-46cf-9557-090445fa0c22")
def test_account_listing_prefix_and_delimiter(object_store: Api, resources: Resources) -> None:
    """An account lists the containers with the prefix, and folds those alike up to the delimiter into one entry."""
    stem = resources.name("folders")
    made = [f"{stem}-{rest}" for rest in ("a", "b=1", "b=2", "c")]
    for name in made:
        new_container(resources, object_store, "folders", name=name)
    wait_for(
        lambda: all_names(object_store, "", up_to=made[-1]),
        lambda seen: set(made) <= set(seen),
        because="the account lists the containers just made",
        timeout=SETTLES,
    )
    assert names(object_store.get("", params={"prefix": stem})) == made
    assert names(object_store.get("", params={"prefix": f"{stem}-b"})) == made[1:3]
    folded = [made[0], f"{stem}-b=", made[3]]
    assert names(object_store.get("", params={"prefix": f"{stem}-", "delimiter": "="})) == folded
    answer = object_store.get("", params={"prefix": f"{stem}-", "delimiter": "=", "format": "json"}).expect(200)
    told = [item.get("name") or item.get("subdir") for item in well_formed(answer).json]
    assert told == folded, f"{folded} is expected, seen {told}"
    assert {"subdir": f"{stem}-b="} in answer.json, f"the folder must be an entry of its own: {answer.json}"


@pytest.mark.uuid("1c1dbafb-eb6e-4832-9ea9-3590c375d8ea")
def test_account_listing_reverse(object_store: Api, six: Six) -> None:
    """An account lists its containers from the last to the first when asked to, the marker being where it begins."""
    seen = names(object_store.get("", params={"reverse": "true", "prefix": six[0][:-1]}))
    assert seen == six[::-1]
    seen = names(object_store.get("", params={"reverse": "true", "marker": six[4], "end_marker": six[1]}))
    assert seen == [six[3], six[2]]


@pytest.mark.uuid("939971b8-02a6-4197-a11b-36f6558d9ab6")
def test_account_pages_join_to_the_whole(object_store: Api, six: Six) -> None:
    """Pages of two containers, each beginning after the last name of the one before, join to the whole listing."""
    stem, seen = six[0][:-1], []
    marker = ""
    for _ in range(4):
        part = names(object_store.get("", params={"prefix": stem, "limit": 2, "marker": marker}))
        seen += part
        if not part:
            break
        marker = part[-1]
    assert seen == six, "the pages must give each container once, and then an empty page"
