"""Which tests a guideline asks for, and why."""

from __future__ import annotations

from dataclasses import replace

import pytest

from defcore.errors import InputError
from defcore.model.budget import Budget
from defcore.model.capability import Capability, Catalog, Service, TestCase
from defcore.model.guideline import Guideline, Status
from defcore.model.plan import Plan, Why
from defcore.plan import from_json, make_plan, missing_prerequisites, to_json
from tests.values import guideline

UUIDS = {name: f"{n:08x}-0000-4000-8000-000000000000" for n, name in enumerate("abcdef")}
A, B, C, D, E, F = (UUIDS[name] for name in "abcdef")


def case(name: str, *covers: str, needs: tuple[str, ...] = ()) -> TestCase:
    return TestCase(
        id=f"ffffffff-0000-4000-8000-{name.encode().hex():0>12}"[:36],
        name=name,
        nodeid=f"compute/test_servers.py::test_{name}",
        service=Service.COMPUTE,
        promise=f"Promise of {name}.",
        reference=None,
        covers=covers,
        needs=needs,
    )


LIST = case("list", A, B)
BOOT = case("boot", C, needs=("image", "flavor"))
EXTRA = case("extra")
SHARED = case("share", D, needs=("alt",))
OTHER = case("other")
CATALOG = Catalog(
    capabilities=(
        Capability(id="servers", service=Service.COMPUTE, title="", reference=None, tests=(LIST.id, EXTRA.id)),
        Capability(id="boot", service=Service.COMPUTE, title="", reference=None, tests=(BOOT.id, SHARED.id)),
        Capability(id="unasked", service=Service.COMPUTE, title="", reference=None, tests=(OTHER.id,)),
    ),
    tests=(LIST, BOOT, EXTRA, SHARED, OTHER),
    suite_version="0.1.0",
    suite_digest="sha256:" + "b" * 64,
)


@pytest.fixture
def asked() -> Guideline:
    return guideline(
        components={
            "core": {"servers": "required", "boot": "advisory", "share": "required"},
            "store": {"share": "deprecated"},
        },
        capabilities={"servers": [A, B, E], "boot": [C], "share": [D, C], "loose": [F]},
        platforms={"platform": ["core", "store"], "compute": ["core"], "object": ["store"]},
    )


def names(plan: Plan) -> list[str]:
    return [test.case.name for test in plan.tests]


def test_all_statuses_are_planned_in_the_order_of_the_guideline(asked: Guideline) -> None:
    plan = make_plan(asked, CATALOG)
    assert names(plan) == ["extra", "list", "boot", "share"]
    assert plan.target is None
    assert plan.components == ("core", "store")
    assert plan.selection == ()


def test_each_capability_that_asks_for_what_a_test_covers_is_a_reason(asked: Guideline) -> None:
    plan = make_plan(asked, CATALOG)
    assert plan.tests[2].why == (
        Why(component="core", capability="boot", status=Status.ADVISORY, covers=(C,)),
        Why(component="core", capability="share", status=Status.REQUIRED, covers=(C,)),
        Why(component="store", capability="share", status=Status.DEPRECATED, covers=(C,)),
    )
    assert plan.tests[2].capability == "boot"


def test_a_test_that_covers_nothing_official_runs_beside_its_capability_and_decides_nothing(asked: Guideline) -> None:
    extra = make_plan(asked, CATALOG).tests[0]
    assert extra.why == (Why(component="core", capability="servers", status=Status.REQUIRED, covers=()),)
    assert not extra.required
    assert "extra" not in names(make_plan(asked, CATALOG, required_only=True))


def test_an_official_test_that_nobody_covers_is_uncovered(asked: Guideline) -> None:
    [uncovered] = make_plan(asked, CATALOG).uncovered
    assert (uncovered.id, uncovered.name, uncovered.capability) == (E, f"tempest.{E}", "servers")
    assert (uncovered.component, uncovered.status) == ("core", Status.REQUIRED)


@pytest.mark.parametrize("target", ["object", "OpenStack Powered Object"])
def test_a_target_is_named_shortly_or_in_full(asked: Guideline, target: str) -> None:
    plan = make_plan(asked, CATALOG, target=target)
    assert plan.target == "object"
    assert plan.components == ("store",)
    assert names(plan) == ["boot", "share"]


def test_required_only_leaves_out_what_no_required_capability_asks_for(asked: Guideline) -> None:
    plan = make_plan(asked, CATALOG, required_only=True)
    assert names(plan) == ["list", "boot", "share"]
    assert [why.capability for why in plan.tests[1].why] == ["share"]
    assert plan.selection == ("--required-only",)


def test_a_capability_a_component_and_a_service_narrow_the_plan(asked: Guideline) -> None:
    assert names(make_plan(asked, CATALOG, capability=["boot"])) == ["boot"]
    assert names(make_plan(asked, CATALOG, component=["store"])) == ["boot", "share"]
    assert names(make_plan(asked, CATALOG, service=["identity"])) == []
    assert names(make_plan(asked, CATALOG, service=["compute"])) == ["extra", "list", "boot", "share"]
    plan = make_plan(asked, CATALOG, capability=["boot"], service=["compute"])
    assert plan.selection == ("--capability boot", "--service compute")


def test_a_capability_of_no_component_is_planned_only_by_name(asked: Guideline) -> None:
    [uncovered] = make_plan(asked, CATALOG, capability=["loose"]).uncovered
    assert (uncovered.id, uncovered.component, uncovered.status) == (F, None, None)
    with pytest.raises(InputError) as raised:
        make_plan(asked, CATALOG, capability=["loose"], target="platform")
    assert raised.value.problems[0].hint == "it belongs to no component: leave --platform out"


def test_unknown_names_are_reported_together_with_the_nearest(asked: Guideline) -> None:
    with pytest.raises(InputError) as raised:
        make_plan(asked, CATALOG, target="objct", capability=["server"], component=["stor"], service=["compte"])
    assert [str(problem) for problem in raised.value.problems] == [
        "--platform: no platform 'objct' [plan.unknown-platform]\n  did you mean 'object'?",
        "--component: no component 'stor' [plan.unknown-component]\n  did you mean 'store'?",
        "--capability: no capability 'server' [plan.unknown-capability]\n  did you mean 'servers'?",
        "--service: no service 'compte' [plan.unknown-service]\n  did you mean 'compute'?",
    ]


def test_what_lies_outside_the_target_is_refused(asked: Guideline) -> None:
    with pytest.raises(InputError, match="does not ask for 'servers'") as raised:
        make_plan(asked, CATALOG, target="object", capability=["servers"])
    assert raised.value.problems[0].hint == "it belongs to core"
    with pytest.raises(InputError, match="does not hold the component 'core'"):
        make_plan(asked, CATALOG, target="object", component=["core"])


def test_missing_prerequisites_are_named_beforehand(asked: Guideline) -> None:
    plan = make_plan(asked, CATALOG)
    missing = missing_prerequisites(plan, {"image"})
    assert [(test.case.name, needs) for test, needs in missing] == [("boot", ("flavor",)), ("share", ("alt",))]


def test_a_plan_survives_its_document(asked: Guideline) -> None:
    chosen = make_plan(asked, CATALOG, capability=["loose"])
    for plan in (make_plan(asked, CATALOG), replace(chosen, repeat=3, budget=Budget(servers=2, minutes=9))):
        assert from_json(to_json(plan)) == plan


def test_a_plan_from_before_there_were_budgets_is_still_read(asked: Guideline) -> None:
    plan = make_plan(asked, CATALOG)
    document = to_json(plan)
    del document["budget"], document["repeat"]
    assert from_json(document) == plan


def test_a_broken_plan_document_is_refused_with_all_places(asked: Guideline) -> None:
    document = to_json(make_plan(asked, CATALOG))
    document["tests"][1]["service"] = "comput"
    del document["suite"]["digest"]
    with pytest.raises(InputError) as raised:
        from_json(document)
    assert {str(problem) for problem in raised.value.problems} == {
        "plan.json: $.suite: the key 'digest' is missing in suite [schema.missing-key]\n"
        "  sha256: and 64 hexadecimal digits",
        "plan.json: $.tests[1].service: service: 'comput' is not valid [schema.value]\n  did you mean 'compute'?",
    }


def test_a_newer_plan_is_refused() -> None:
    with pytest.raises(InputError) as raised:
        from_json({"schema": "defcore/plan/2"})
    assert "of version 2; this program reads versions up to 1" in str(raised.value)
