"""Official guideline files of every schema are read as they are, and the catalog ships their facts."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from defcore import schemas
from defcore.catalog import find_data, guideline_names, load_guideline
from defcore.catalog.finding import Severity
from defcore.catalog.guideline_diff import diff, diff_document
from defcore.catalog.guideline_yaml import guideline_text, notes_of
from defcore.catalog.lint import Linter
from defcore.errors import InputError, Problem
from defcore.judge import score
from defcore.model.guideline import Flag, Guideline, Kind, Status
from tests.policies import OFFICIAL
from tests.values import DATE, result

DATA = find_data(env={})
OWN = {"scs-0128"}
"""Of those that the catalog ships, the ones without an official file."""
REQUIRED = {
    ("2015.03", "platform"): (10, 127, 9, 118),
    ("2015.07", "platform"): (46, 129, 31, 98),
    ("2016.01", "platform"): (44, 124, 28, 96),
    ("2016.01", "compute"): (35, 111, 28, 83),
    ("2016.01", "object"): (10, 14, 0, 14),
    ("2016.08", "platform"): (56, 228, 17, 211),
    ("2017.01", "platform"): (63, 262, 33, 229),
    ("2017.09", "platform"): (68, 259, 29, 230),
    ("2018.02", "platform"): (84, 337, 20, 317),
    ("2018.11", "platform"): (75, 283, 11, 272),
    **{(name, "platform"): (78, 286, 11, 275) for name in ("2019.06", "2019.11", "2020.06")},
    **{(name, "compute"): (60, 228, 11, 217) for name in ("2019.06", "2019.11", "2020.06")},
    **{(name, "object"): (20, 60, 0, 60) for name in ("2019.06", "2019.11", "2020.06")},
    ("dns.2020.06", "dns"): (2, 10, 0, 10),
    ("orchestration.2020.06", "orchestration"): (23, 60, 0, 60),
}
"""(guideline, target) -> required capabilities, their tests, of these flagged and must-pass: RefStack's figures."""
ALL = {
    "2016.01": (74, 306, 51, 33),
    "2016.08": (78, 306, 49, 92),
    "2017.01": (98, 380, 51, 153),
    "2017.09": (88, 347, 45, 158),
    "2018.02": (91, 350, 20, 157),
    **dict.fromkeys(("2018.11", "2019.06"), (93, 350, 19, 156)),
    **dict.fromkeys(("2019.11", "2020.06", "next"), (79, 289, 11, 95)),
    "dns.2020.06": (2, 10, 0, 0),
    "orchestration.2020.06": (23, 60, 0, 0),
    "orchestration.next": (18, 24, 0, 0),
    "nfv.next": (6, 34, 0, 0),
}
"""Guideline -> capabilities, tests, flagged, with aliases."""


def official_files(shared: Path) -> Iterator[Path]:
    folder = shared / "guidelines"
    for kind in ("", "add-ons", "verticals"):
        yield from sorted((folder / kind).glob("*.json"))


@pytest.fixture(scope="module")
def official(shared: Path) -> dict[str, Guideline]:
    """By the file's name, each as it is read."""
    return {path.stem: load_guideline(path, DATA) for path in official_files(shared)}


@cache
def shipped(name: str) -> Guideline:
    return load_guideline(name, DATA)


def required(guideline: Guideline, target: str) -> tuple[int, int, int, int]:
    card = score(result(), guideline, target=target, policy=OFFICIAL, date=DATE)
    own = card.statuses[0]
    flagged = own.flagged_passed + own.flagged_failed
    return own.capabilities, own.tests, flagged, own.tests - flagged


def sizes(guideline: Guideline) -> tuple[int, int, int, int]:
    tests = [test for one in guideline.capabilities for test in one.tests]
    flagged = sum(test.flag is not None for test in tests)
    return len(guideline.capabilities), len(tests), flagged, sum(bool(test.aliases) for test in tests)


@pytest.mark.parametrize(("name", "target"), REQUIRED)
def test_the_shipped_guideline_requires_what_refstack_counts(name: str, target: str) -> None:
    assert required(shipped(name), target) == REQUIRED[name, target]


@pytest.mark.parametrize(("name", "target"), REQUIRED)
def test_the_official_file_requires_what_refstack_counts(
    name: str, target: str, official: dict[str, Guideline]
) -> None:
    assert required(official[name], target) == REQUIRED[name, target]


@pytest.mark.parametrize("name", ALL)
def test_the_shipped_guideline_is_complete(name: str) -> None:
    assert sizes(shipped(name)) == ALL[name]


def facts(guideline: Guideline, *, ids: bool = True, head: bool = True) -> Guideline:
    """Without words, which are ours, and without the digest of the file."""

    def flag(one: Flag | None) -> Flag | None:
        return one and replace(one, reason="")

    return replace(
        guideline,
        digest="",
        repositories=guideline.repositories if head else (),
        designated=guideline.designated if head else (),
        criteria=tuple(sorted((replace(one, description="") for one in guideline.criteria), key=lambda one: one.id)),
        platforms=tuple(replace(one, description="") for one in guideline.platforms),
        capabilities=tuple(
            replace(
                one,
                description="",
                achievements=tuple(sorted(one.achievements)),
                tests=tuple(replace(test, id=test.id if ids else "", flag=flag(test.flag)) for test in one.tests),
            )
            for one in guideline.capabilities
        ),
    )


def test_the_catalog_ships_every_official_guideline(official: dict[str, Guideline]) -> None:
    assert set(guideline_names(DATA)) - OWN == set(official)
    assert {one.id for one in official.values()} == set(official)


@pytest.mark.parametrize("name", [name for name in guideline_names(DATA) if name not in OWN])
def test_the_shipped_facts_are_the_official_ones(name: str, official: dict[str, Guideline]) -> None:
    """All but the ids of schema 1.2, which has none, and two facts that no verdict needs in the hand-made 2020.06."""
    theirs, own = official[name], shipped(name)
    ids, head = theirs.schema != "1.2", name != "2020.06"
    assert facts(own, ids=ids, head=head) == facts(theirs, ids=ids, head=head)


def test_ids_that_schema_1_2_lacks_are_those_of_the_same_names(official: dict[str, Guideline]) -> None:
    later = {}
    for guideline in official.values():
        for test in (test for one in guideline.capabilities for test in one.tests if test.id):
            for name in (test.name, *test.aliases):
                later.setdefault(name, set()).add(test.id)
    resolved = Counter()
    for name in ("2015.03", "2015.04", "2015.05"):
        for test in (test for one in shipped(name).capabilities for test in one.tests):
            resolved[bool(test.id)] += 1
            assert {test.id} == later.get(test.name, {""}), test.name
    assert resolved == {True: 380, False: 2}


def test_the_script_makes_what_is_shipped(shared: Path) -> None:
    script = Path(__file__).parents[2] / "scripts" / "import_guidelines"
    made = subprocess.run(
        [sys.executable, script, shared / "guidelines", "--check"], capture_output=True, text=True, check=False
    )
    assert (made.returncode, made.stdout, made.stderr) == (0, "current\n", "")


def test_no_sentence_is_taken_over(shared: Path) -> None:
    texts = [file.read_text() for file in official_files(shared)]
    theirs = {text for one in texts for text in _texts(json.loads(one)) if " " in text}
    own = set()
    for name in guideline_names(DATA):
        guideline = shipped(name)
        own |= {one.description for one in (*guideline.capabilities, *guideline.criteria, *guideline.platforms)}
        own |= {test.flag.reason for one in guideline.capabilities for test in one.tests if test.flag}
    assert {text for text in own if any(text.lower() in other.lower() for other in theirs)} == set()


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _texts(inner)


def test_what_is_imported_is_read_back_the_same(official: dict[str, Guideline], tmp_path: Path) -> None:
    for name, guideline in official.items():
        path = tmp_path / f"{name}.yaml"
        path.write_text(guideline_text(guideline, heading="x", notes=notes_of(guideline.irregularities)))
        again = load_guideline(path, DATA)
        assert replace(again, digest="") == replace(guideline, digest="")
        assert again.schema == guideline.schema


def small(**changed: Any) -> dict[str, Any]:
    """A file of schema 2.0; keyword arguments replace or, if None, remove what is at the top."""
    test = {"idempotent_id": "id-33333333-3333-4333-8333-333333333333"}
    capability = {"description": "d", "project": "nova", "admin": False, "achievements": ["stable"]}
    data = {
        "metadata": {
            "id": "2020.06",
            "schema": "2.0",
            "source": "https://example.org/",
            "scoring": {"cutoff_score": 74, "criteria": {"stable": {"name": "Stable", "weight": 9}}},
            "os_trademark_approval": {"target_approval": "2020.06", "releases": ["stein"], "status": "approved"},
        },
        "platforms": {"OpenStack Powered Compute": {"components": [{"name": "os_powered_compute"}]}},
        "components": {"os_powered_compute": {"capabilities": {"required": ["flavors"]}}},
        "capabilities": {"flavors": capability | {"tests": {"tempest.test_list": test}}},
    }
    return {key: value for key, value in (data | changed).items() if value is not None}


def read(tmp_path: Path, data: object, name: str = "some.json") -> Guideline:
    path = tmp_path / name
    path.write_text(data if isinstance(data, str) else json.dumps(data))
    return load_guideline(path, DATA)


def with_test(**test: Any) -> dict[str, Any]:
    data = small()
    data["capabilities"]["flavors"]["tests"]["tempest.test_list"] = test
    return data


def codes(guideline: Guideline) -> list[str]:
    return [one.code.removeprefix("guideline.") for one in guideline.irregularities]


def test_a_regular_file_has_no_irregularities(tmp_path: Path) -> None:
    guideline = read(tmp_path, small())
    assert (guideline.irregularities, guideline.schema, guideline.kind) == ((), "2.0", Kind.GUIDELINE)
    assert [one.target for one in guideline.platforms] == ["compute"]


ID = "id-33333333-3333-4333-8333-333333333333"
FLAGGED = {"reason": "[D401] it has a bug", "action": "mend it", "date": "2017-04-27"}


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        ({"idempotent_id": ID[3:]}, ["id-without-prefix"]),
        ({"idempotent_id": f"{ID},smoke"}, ["id-with-tags"]),
        ({"idempotent_id": ""}, ["no-id"]),
        ({}, ["no-id"]),
        ({"idempotent_id": "id-33"}, ["no-id"]),
        ({"idempotent_id": ID, "flag": FLAGGED}, []),
        ({"idempotent_id": ID, "flagged": FLAGGED}, []),
        ({"idempotent_id": ID, "flaged": FLAGGED}, ["misspelled-key"]),
        ({"idempotent_id": ID, "flagged": FLAGGED | {"date": "soon"}}, ["flag-date"]),
        ({"idempotent_id": ID, "flagged": {}}, ["empty-flag"]),
        ({"idempotent_id": ID, "aliases": ["a", "a"]}, ["repeated-name"]),
        ({"idempotent_id": ID, "zzz": 1}, ["unknown-key"]),
    ],
)
def test_an_irregular_test_is_read_and_told(tmp_path: Path, test: dict[str, Any], expected: list[str]) -> None:
    guideline = read(tmp_path, with_test(**test))
    [own] = guideline.capabilities[0].tests
    assert codes(guideline) == expected
    assert own.id == ("" if "no-id" in expected else ID[3:])
    flagged = any(test.get(key) for key in ("flag", "flagged", "flaged"))
    assert (own.flag is not None) is flagged
    if own.flag:
        assert (own.flag.code, own.flag.reason) == ("D401", "it has a bug; mend it")
    for one in guideline.irregularities:
        assert "some.json: $.capabilities.flavors.tests.tempest.test_list" in (one.where or "")


@pytest.mark.parametrize("reason", ["[D406] gone", "D406 gone", "D406: gone", "[D406]: gone"])
def test_a_flags_code_is_taken_from_its_reason(tmp_path: Path, reason: str) -> None:
    guideline = read(tmp_path, with_test(idempotent_id=ID, flagged={"reason": reason}))
    assert guideline.capabilities[0].tests[0].flag == Flag(code="D406", date=None, reason="gone")


def test_a_capability_that_nothing_defines_has_no_tests(tmp_path: Path) -> None:
    data = small()
    data["components"]["os_powered_compute"]["capabilities"]["advisory"] = ["nowhere", "flavors"]
    guideline = read(tmp_path, data)
    assert guideline.components[0].capabilities == (("flavors", Status.REQUIRED), ("nowhere", Status.ADVISORY))
    assert codes(guideline) == ["two-statuses", "undefined-capability"]
    card = score(result(), guideline, target="compute", policy=OFFICIAL, date=DATE)
    assert (card.statuses[1].capabilities, card.statuses[1].tests) == (1, 0)


def test_the_file_that_calls_itself_otherwise_goes_by_its_name(tmp_path: Path) -> None:
    guideline = read(tmp_path, small(), "dns.2018.02.json")
    assert (guideline.id, codes(guideline)) == ("dns.2018.02", ["other-id"])


def test_an_add_on_is_a_target_of_its_own(tmp_path: Path) -> None:
    asked = {"name": "os_powered_compute", "source": "https://example.org/2020.06.json"}
    add_on = {"components": [{"name": "os_powered_dns"}], "required_platform_components": [asked]}
    data = small(platforms=None, components={"os_powered_dns": {"capabilities": {"required": ["flavors"]}}})
    guideline = read(tmp_path, data | {"add-ons": {"DNS": add_on}})
    [platform] = guideline.platforms
    assert (guideline.kind, platform.target, platform.components) == (Kind.ADD_ON, "dns", ("os_powered_dns",))
    assert [(one.component, one.optional) for one in platform.elsewhere] == [("os_powered_compute", False)]


@pytest.mark.parametrize(
    ("data", "where", "said"),
    [
        (small(capabilities=[]), "$.capabilities", "expected a mapping, found a list"),
        (small(capabilities=None), "$.capabilities", "expected a mapping, found empty"),
        (small(capabilities=1), "$.capabilities", "expected a mapping, found a number"),
        (small(components={"c": 1}), "$.components.c", "expected a mapping, found a number"),
        (small(platforms=None), "some.json", "neither platforms nor add-ons"),
        (with_test(idempotent_id=5), "$.capabilities.flavors.tests.tempest.test_list.idempotent_id", "found a number"),
        (with_test(aliases="a"), "$.capabilities.flavors.tests.tempest.test_list.aliases", "expected a list of names"),
        (small(metadata={"schema": "3.0", "id": "x"}), "$.metadata.schema", "no schema that is known here"),
        ({"schema": "1.7", "id": "x"}, "$.schema", "no schema that is known here"),
        ({"schema": "defcore/guideline/9"}, "$.schema", "this program reads versions up to 1"),
        ({"results": []}, "some.json", "the key 'schema' is missing"),
        ([1], "some.json", "a guideline must be a mapping"),
        ('{"a": 1, "a": 2}', "$.a", "the key 'a' stands there twice"),
        ('{"a": NaN}', "some.json: $.a", "expected a finite number, not NaN"),
        ('{"metadata": {}', "some.json:1:16", "not valid JSON"),
        ("[" * 100_000, "some.json", "nested deeper than 40 levels"),
        ("[" * 41 + "]" * 41, "some.json", "nested deeper than 40 levels"),
        ('{"a": ' + "9" * 5000 + "}", "some.json: $.a", "expected a number of at most 64 bits"),
        ('{"metadata": 1}', "$.metadata", "expected a mapping"),
        ('{"a": "\\ud800"}', "some.json", "half of a surrogate pair"),
    ],
    ids=range(20),
)
def test_what_cannot_be_read_is_told_with_its_place(tmp_path: Path, data: object, where: str, said: str) -> None:
    with pytest.raises(InputError) as raised:
        read(tmp_path, data)
    assert any(where in (one.where or "") and said in one.message for one in raised.value.problems), raised.value


def test_a_file_of_oddities_is_refused_before_they_take_long(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="far too irregular"):
        read(tmp_path, small(**{f"key {n}": n for n in range(300_000)}))


def test_text_that_is_not_utf_8_is_told_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_bytes(b'{"a":\n"\xff"}')
    with pytest.raises(InputError, match=r"x\.json:2:1: not UTF-8 text"):
        load_guideline(tmp_path / "x.json", DATA)


@pytest.mark.parametrize("name", ["x.json", "x.yaml"])
def test_a_file_of_100_mb_is_refused_before_it_is_read(tmp_path: Path, name: str) -> None:
    with (tmp_path / name).open("wb") as file:
        file.write(b"{")
        file.truncate(100_000_000)
    with pytest.raises(InputError, match="larger than 8 MiB"):
        load_guideline(tmp_path / name, DATA)


def test_a_yaml_file_of_millions_of_values_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text("[" + "a," * 1_000_000 + "]")
    with pytest.raises(InputError, match="more than 250,000 values"):
        load_guideline(tmp_path / "x.yaml", DATA)


def places(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield place
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, inner in items:
        yield from places(inner, (*place, step))


def changed(value: Any, place: tuple[Any, ...], new: Any) -> Any:
    if not place:
        return new
    step, *rest = place
    if isinstance(value, list):
        return [changed(one, tuple(rest), new) if n == step else one for n, one in enumerate(value)]
    return {key: changed(one, tuple(rest), new) if key == step else one for key, one in value.items()}


OLDEST = {
    "id": "2015.03",
    "schema": "1.2",
    "status": "superseded",
    "releases": ["havana"],
    "platform": {"required": ["compute"]},
    "components": {"compute": {"required": ["flavors"], "advisory": ["gone"]}},
    "criteria": {"stable": {"Description": "d", "name": "Stable", "weight": 9}},
    "capabilities": {"flavors": {"achievements": ["stable"], "tests": ["a", "b"], "flagged": ["a"]}},
}
FULL = with_test(idempotent_id=ID, aliases=["a"], flagged=FLAGGED)
WORDS = st.sampled_from(
    ["", "x", "id-1", "2020.06", "1e5", "no", "null", "- a", "a: b", "#", "é\u2028", " ", "required"]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-1, 200) | st.floats() | WORDS | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=5,
)


def read_or_told(path: Path) -> tuple[Guideline | None, tuple[Problem, ...]]:
    try:
        return load_guideline(path, DATA), ()
    except InputError as error:
        return None, error.problems


@settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_whatever_stands_in_a_file_it_is_read_or_told(tmp_path: Path, data: st.DataObject) -> None:
    """And what was read is written as YAML that says the same; lint and diff have an answer to it too."""
    document = data.draw(st.sampled_from([OLDEST, FULL]))
    for _ in range(data.draw(st.integers(1, 2))):
        place = data.draw(st.sampled_from(list(places(document))))
        document = changed(document, place, data.draw(VALUES))
    path = tmp_path / "some.json"
    path.write_text(json.dumps(document))
    guideline, problems = read_or_told(path)
    assert all(one.where and "some.json" in one.where for one in problems)
    linter = Linter(data=DATA, today=date(2026, 1, 31))
    linter.path(path)
    linter.finish()
    if guideline is None:
        assert any(one.severity is Severity.ERROR for one in linter.findings)
        return
    assert schemas.problems(diff_document(diff(shipped("2020.06"), guideline)), "guideline-diff") == []
    assume(guideline.schema != "defcore/guideline/1")
    (tmp_path / "own.yaml").write_text(guideline_text(guideline, heading="x", notes=notes_of(guideline.irregularities)))
    assert replace(load_guideline(tmp_path / "own.yaml", DATA), digest="") == replace(guideline, digest="")
