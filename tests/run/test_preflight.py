"""What is there, what is missing, what is wrong: decided from facts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from defcore.errors import InputError
from defcore.model.capability import Service, TestCase
from defcore.model.guideline import Status
from defcore.model.plan import Plan, PlannedTest, Setting, Why
from defcore.model.result import CloudInfo
from defcore.run.capacity import safe_workers, workers_within
from defcore.run.contact import open_user
from defcore.run.exchange import Recorder
from defcore.run.facts import Facts, FlavorFact, ImageFact, NetworkFact, Quota, UserFact, gather
from defcore.run.preflight import State, preflight
from defcore.run.settings import choose
from defcore.run.survey import survey
from tests.fakes.cloud import PROJECTS, Asked, FakeCloud, Reply

PRIMARY = UserFact(role="primary", cloud="c", user_id="u1", project_id="p1", roles=("member",), cpid="id")
ALT = UserFact(role="alt", cloud="c-alt", user_id="u2", project_id="p2", roles=("member",), cpid="id")
READER = UserFact(role="reader", cloud="c-r", user_id="u3", project_id="p1", roles=("reader",), cpid="id")
ADMIN = UserFact(
    role="admin", cloud="c-a", user_id="u9", project_id="p9", roles=("ResellerAdmin",), cpid="id", lists_users=True
)
IMAGE = ImageFact(id="i1", name="small", public=True, disk_format="qcow2", min_disk=1, min_ram=64, gigabytes=0.1)
FLAVOR = FlavorFact(id="f1", name="tiny", vcpus=1, ram=64, disk=1)
NETWORK = NetworkFact(id="n1", name="inside", external=False, own=True, subnets=1)
FACTS = Facts(
    cloud=CloudInfo(
        name="c",
        cpid="id",
        region=None,
        endpoints=tuple((str(one), f"http://{one}") for one in Service),
        microversions=(),
    ),
    users=(PRIMARY, ALT, READER, ADMIN),
    images=(IMAGE, replace(IMAGE, id="i2", name="other")),
    flavors=(replace(FLAVOR, id="f2", name="bigger", ram=128), FLAVOR),
    networks=(NETWORK, NetworkFact(id="n9", name="public", external=True, own=False, subnets=1)),
    volume_types=("fast", "slow"),
    zones=("nova",),
    clock_skew=0.0,
)


def chosen(facts: Facts = FACTS, **given: str) -> dict[str, str | None]:
    return {one.name: one.value for one in choose(facts, given)}


def planned(*needs: str, status: Status = Status.REQUIRED) -> Plan:
    case = TestCase(
        id="t",
        name="t",
        nodeid="compute/test_t.py::t",
        service=Service.COMPUTE,
        promise="p",
        reference=None,
        needs=needs,
    )
    why = Why(component="os_powered_compute", capability="c", status=status, covers=("x",))
    return Plan(
        guideline="g",
        guideline_digest="sha256:0",
        target=None,
        components=(),
        selection=(),
        suite_version="0",
        suite_digest="sha256:0",
        tests=(PlannedTest(case=case, capability="c", why=(why,)),),
        uncovered=(),
    )


def states(facts: Facts, what: str) -> list[State]:
    decided = preflight(facts, choose(facts, {}), None, workers=2)
    return [check.state for check in decided.checks if check.what == what]


def test_a_cloud_with_everything_has_nothing_to_note() -> None:
    decided = preflight(FACTS, choose(FACTS, {}), None, workers=2)
    assert {check.state for check in decided.checks} == {State.OK}
    assert decided.problems == ()


def test_the_smallest_that_fit_are_chosen() -> None:
    assert chosen() == {
        "image": "i1",
        "alt_image": "i2",
        "flavor": "f1",
        "alt_flavor": "f2",
        "network": "n1",
        "external_network": "n9",
        "volume_type": None,
        "availability_zone": None,
        "ssh_user": None,
        "ssh_port": None,
    } | {"image": chosen()["image"], "alt_image": chosen()["alt_image"]}
    assert {chosen()["image"], chosen()["alt_image"]} == {"i1", "i2"}


def test_a_flavor_must_hold_the_image() -> None:
    large = replace(FACTS, images=(replace(IMAGE, min_ram=100),))
    assert (chosen(large)["flavor"], chosen(large)["alt_flavor"], chosen(large)["alt_image"]) == ("f2", None, None)


def test_a_flavor_without_disk_or_with_special_hardware_comes_last() -> None:
    odd = replace(FLAVOR, id="f0", ram=1, disk=0), replace(FLAVOR, id="fg", ram=1, special=True)
    assert chosen(replace(FACTS, flavors=(*odd, FLAVOR), images=()))["flavor"] == "f1"


def test_the_projects_own_network_is_preferred_to_a_shared_one() -> None:
    shared = replace(NETWORK, id="n0", name="a-shared", own=False)
    assert chosen(replace(FACTS, networks=(shared, NETWORK)))["network"] == "n1"
    (setting,) = (one for one in choose(replace(FACTS, networks=(shared,)), {}) if one.name == "network")
    assert setting.value == "n0"
    assert "shared" in setting.reason


def test_a_network_without_subnet_is_no_use() -> None:
    assert chosen(replace(FACTS, networks=(replace(NETWORK, subnets=0),)))["network"] is None


@pytest.mark.parametrize("port", ["0", "65536", "ssh", "-1", "²²"])
def test_what_is_no_port_is_told_at_once(port: str) -> None:
    with pytest.raises(InputError, match="is no port"):
        chosen(ssh_port=port)
    assert chosen(ssh_port="2222")["ssh_port"] == "2222"


def test_what_is_given_by_name_or_id_is_taken() -> None:
    settings = chosen(image="other", flavor="f2", volume_type="slow", ssh_user="cirros")
    assert (settings["image"], settings["flavor"], settings["volume_type"]) == ("i2", "f2", "slow")
    assert settings["ssh_user"] == "cirros"
    assert settings["alt_image"] == "i1"


def test_what_the_cloud_does_not_have_is_told_all_at_once_with_the_nearest() -> None:
    with pytest.raises(InputError) as error:
        choose(FACTS, {"image": "smal", "flavor": "huge", "volume_type": "fsat", "colour": "red"})
    hints = [problem.hint or "" for problem in error.value.problems]
    assert len(hints) == 4
    assert any("'small'" in hint for hint in hints)
    assert any("'fast'" in hint for hint in hints)


def test_a_name_of_two_images_is_ambiguous() -> None:
    twins = replace(FACTS, images=(IMAGE, replace(IMAGE, id="i2")))
    with pytest.raises(InputError, match="2 are named"):
        choose(twins, {"image": "small"})


@pytest.mark.parametrize(
    "wrong",
    [
        replace(ALT, project_id="p1"),
        replace(ALT, user_id="u1", project_id="p1"),
        replace(ALT, cpid="another"),
        replace(READER, project_id="p2"),
        replace(READER, roles=("reader", "member")),
    ],
)
def test_a_second_user_who_is_none_stops_the_run(wrong: UserFact) -> None:
    """Its outcomes would be false ones."""
    decided = preflight(replace(FACTS, users=(PRIMARY, wrong)), (), None, workers=1)
    assert len(decided.problems) == 1


def test_a_missing_user_or_service_is_noted_with_the_remedy() -> None:
    poor = replace(FACTS, users=(PRIMARY,), cloud=replace(FACTS.cloud, endpoints=(("identity", "http://i"),)))
    assert states(poor, "alt") == [State.NOTE]
    assert states(poor, "object-store") == [State.NOTE]
    assert preflight(poor, (), None, workers=1).problems == ()


DISPOSABLE = UserFact(role="disposable", cloud="c-d", user_id="u7", project_id="p7", roles=("member",), cpid="id")


@pytest.mark.parametrize(
    "wrong",
    [replace(DISPOSABLE, user_id="u1"), replace(DISPOSABLE, project_id="p1"), replace(DISPOSABLE, project_id="p2")],
)
def test_a_disposable_user_whose_loss_another_would_feel_stops_the_run(wrong: UserFact) -> None:
    decided = preflight(replace(FACTS, users=(PRIMARY, ALT, wrong)), (), None, workers=1)
    assert [one.code for one in decided.problems] == ["preflight.disposable"]
    assert preflight(replace(FACTS, users=(PRIMARY, ALT, DISPOSABLE)), (), None, workers=1).problems == ()


def test_a_disposable_user_is_named_or_made_by_the_administrator() -> None:
    assert states(replace(FACTS, users=(PRIMARY, ALT, DISPOSABLE)), "disposable") == [State.OK]
    assert states(replace(FACTS, users=(PRIMARY, ADMIN)), "disposable") == [State.OK]
    assert states(replace(FACTS, users=(PRIMARY, ALT)), "disposable") == [State.NOTE]
    poor = replace(FACTS, users=(PRIMARY,))
    assert [one.test.case.id for one in preflight(poor, (), planned("disposable"), workers=1).skipped] == ["t"]
    with_admin = replace(FACTS, users=(PRIMARY, ADMIN))
    assert preflight(with_admin, (), planned("disposable"), workers=1).skipped == ()
    reseller = replace(FACTS, users=(PRIMARY, replace(ADMIN, lists_users=False)))
    assert states(reseller, "disposable") == [State.NOTE]
    assert [one.test.case.id for one in preflight(reseller, (), planned("disposable"), workers=1).skipped] == ["t"]


def test_an_administrator_as_the_first_user_is_noted() -> None:
    assert states(FACTS, "user") == [State.OK]
    powerful = replace(PRIMARY, roles=("member", "Admin"))
    assert states(replace(FACTS, users=(powerful,)), "user") == [State.OK, State.NOTE]


def test_a_required_test_that_cannot_run_is_named_beforehand() -> None:
    settings = tuple(Setting(name=name, value=value, reason="") for name, value in chosen().items())
    decided = preflight(FACTS, settings, planned("guest"), workers=1)
    assert [one.test.case.id for one in decided.skipped] == ["t"]
    assert "ssh_user" in decided.skipped[0].remedies[0]
    assert preflight(FACTS, settings, planned("guest", status=Status.ADVISORY), workers=1).skipped == ()
    assert preflight(FACTS, settings, planned("image", "alt"), workers=1).skipped == ()


def test_clocks_that_differ_are_noted() -> None:
    assert states(replace(FACTS, clock_skew=-300.0), "clock") == [State.NOTE]
    assert states(replace(FACTS, clock_skew=2.0), "clock") == [State.OK]


def test_a_quota_that_is_too_small_is_noted_with_a_number() -> None:
    tight = replace(FACTS, quotas=(Quota(name="compute.instances", limit=4, used=1),))
    decided = preflight(tight, choose(tight, {}), None, workers=2)
    (check,) = (check for check in decided.checks if check.what == "quota")
    assert check.state is State.NOTE
    assert "-n 1" in (check.remedy or "")


def test_workers_are_as_many_as_machine_and_quotas_bear() -> None:
    assert safe_workers(2, (), None) == 4
    assert safe_workers(64, (), None) == 8
    assert safe_workers(0, (), None) == 2
    assert safe_workers(8, [Quota(name="compute.instances", limit=10, used=3)], FLAVOR) == 2
    assert safe_workers(8, [Quota(name="compute.cores", limit=20, used=0)], replace(FLAVOR, vcpus=4)) == 1
    assert safe_workers(8, [Quota(name="network.router", limit=0, used=0)], None) == 1
    assert workers_within([Quota(name="network.router", limit=-1, used=5)], None) == (None, None)


def test_the_oldest_network_is_taken_for_it_will_stay() -> None:
    others = replace(NETWORK, id="n0", name="another", created="2026-02-02T00:00:00Z")
    facts = replace(FACTS, networks=(others, replace(NETWORK, created="2026-01-01T00:00:00Z")))
    assert next(one.value for one in choose(facts, {}) if one.name == "network") == NETWORK.id


def test_facts_are_gathered_from_a_cloud(cloud: FakeCloud) -> None:
    cloud.put(
        "/image/v2/images", id="i", name="img", visibility="public", disk_format="raw", size=2**30, status="active"
    )
    cloud.put("/image/v2/images", id="ours", name="defcore-0123abcd-x", visibility="public", size=1)
    cloud.put("/compute/v2.1/flavors", id="f", name="fl", vcpus=1, ram=64, disk=1, extra_specs={"trait:X": "required"})
    cloud.put("/network/v2.0/networks", id="n", name="net", project_id=PROJECTS["user"], subnets=["s"])
    absolute = {"maxTotalInstances": 10, "totalInstancesUsed": 4, "maxTotalCores": "many"}
    cloud.answer("GET", "/compute/v2.1/limits", lambda _: Reply(200, {"limits": {"absolute": absolute}}))
    user = open_user("primary", "user", Recorder(), reference_file=None)
    user.open()
    facts = gather(user)
    assert [image.id for image in facts.images] == ["i"]
    assert facts.flavors == (FlavorFact(id="f", name="fl", vcpus=1, ram=64, disk=1, special=True),)
    assert facts.networks == (NetworkFact(id="n", name="net", external=False, own=True, subnets=1),)
    assert facts.quotas == (Quota(name="compute.instances", limit=10, used=4),)
    assert facts.cloud.cpid == "service-identity"
    assert facts.cloud.microversions == (("compute", "2.1", "2.96"),)
    assert abs(facts.clock_skew or 99) < 60


@pytest.mark.parametrize("broken", ["/flavors/detail", "2.61"])
def test_flavors_are_found_by_whichever_of_their_lists_answers(cloud: FakeCloud, broken: str) -> None:
    """Else the tests of a broken list would be SKIPPED for want of a flavor."""
    cloud.put("/compute/v2.1/flavors", id="f", name="fl", vcpus=1, ram=64, disk=1)

    def reply(asked: Asked) -> Reply | None:
        concerned = broken in asked.path + asked.headers.get("openstack-api-version", "")
        return Reply(200, {"flavors": []}) if concerned else None

    cloud.answer("GET", "/flavors", reply)
    user = open_user("primary", "user", Recorder(), reference_file=None)
    user.open()
    assert [one.id for one in gather(user).flavors] == ["f"]


@pytest.mark.parametrize("body", [b"", b"\xff", b"[" * 50_000, b'{"images": 7}', b'{"images": [7, {"id": []}]}', b"[]"])
def test_nonsense_from_the_cloud_is_no_fault_of_ours(cloud: FakeCloud, body: bytes) -> None:
    for path in ("/images", "/flavors", "/networks", "/limits", "/quotas", "/types", "/os-availability", "/v2.1/$"):
        cloud.answer("GET", path, lambda _: Reply(200, body or None))
    seen = survey({"primary": "user"}, given={}, plan=None, workers=None, reference_file=None)
    assert seen.preflight.problems == ()


def test_who_tests_is_known_but_for_what_is_to_be_kept_out(cloud: FakeCloud) -> None:
    users = {"primary": "user", "alt": "alt"}
    seen = survey(users, given={}, plan=None, workers=1, reference_file=None, hidden=("project-2",))
    assert [(one.role, bool(one.user), one.project) for one in seen.identities] == [
        ("primary", True, "project-1"),
        ("alt", True, ""),
    ]


def test_every_refused_user_is_told_at_once(cloud: FakeCloud, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError) as error:
        survey({"primary": "nobody", "alt": "noone"}, given={}, plan=None, workers=1, reference_file=None)
    assert len(error.value.problems) == 2
