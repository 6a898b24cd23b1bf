"""A mistake in a YAML file is told with file:line:column, what is wrong, and the nearest valid name."""

from __future__ import annotations

import pytest

from defcore.catalog import load_catalog, load_guideline
from defcore.errors import InputError
from tests.catalog.conftest import COVERED, OTHER, UUID, Folder

CAPABILITY = "capabilities/compute/flavors.yaml"
GUIDELINE = "guidelines/2020.06.yaml"


def catalog_problems(folder: Folder) -> list[str]:
    with pytest.raises(InputError) as raised:
        load_catalog(folder.data)
    return [str(problem) for problem in raised.value.problems]


def guideline_problems(folder: Folder) -> list[str]:
    with pytest.raises(InputError) as raised:
        load_guideline("2020.06", folder.data)
    return [str(problem) for problem in raised.value.problems]


def test_the_small_catalog_is_right(folder: Folder) -> None:
    catalog = load_catalog(folder.data)
    assert [one.id for one in catalog.capabilities] == ["flavors"]
    assert load_guideline("2020.06", folder.data).capabilities[0].tests[0].flag is not None


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "title: Flavors",
            "titel: Flavors",
            ":4:1: unknown key 'titel' [schema.unknown-key]\n  did you mean 'title'?",
        ),
        (
            "service: compute",
            "service: comptue",
            ":3:10: service: 'comptue' is not valid [schema.value]\n  did you mean 'compute'?",
        ),
        (
            "title: Flavors can be listed",
            "title: 2020.10",
            ':4:8: title: must be a string, not the number 2020.10 [schema.type]\n  write it in quotes: "2020.10"',
        ),
        (
            "title: Flavors can be listed\n",
            "",
            ":1:1: the key 'title' is missing [schema.missing-key]\n"
            "  what a cloud with the capability can do, one sentence",
        ),
        (
            "capability/1",
            "capability/2",
            ":1:9: this capability is of version 2; this program reads versions up to 1 [schema.version]\n"
            "  update defcore",
        ),
        (
            "capability/1",
            "guideline/1",
            ":1:9: this is a guideline, not a capability [schema.noun]\n  expected: schema: defcore/capability/1",
        ),
        (
            "capability/1",
            "capabilty/1",
            ":1:9: 'defcore/capabilty/1' is no schema of a document [schema.unknown]\n"
            "  write: schema: defcore/capability/1",
        ),
        (
            "    name: flavors",
            "    nane: flavors",
            ":8:5: unknown key 'nane' in tests[0] [schema.unknown-key]\n  did you mean 'name'?",
        ),
        (
            "title:",
            "id:",
            ":4:1: the key 'id' stands already in line 2 [yaml.duplicate-key]",
        ),
        (
            "title: Flavors",
            "title: Flavors: and",
            ":4:15: not valid YAML: mapping values are not allowed here [yaml.syntax]\n"
            "  put a text that holds a colon and a space in quotes",
        ),
        (
            "title: Flavors",
            "title: !!python/name:os.system Flavors",
            ":4:8: the tag 'tag:yaml.org,2002:python/name:os.system' is not read here [yaml.tag]\n  leave the tag out",
        ),
        (
            "https://docs",
            "docs",
            ":5:12: reference: 'docs.openstack.org/api-ref/compute/#flavors-flavors' does not fit [schema.pattern]\n"
            "  expected address of the section of the API reference, with https://",
        ),
        (
            "id: flavors",
            "id: flavours",
            ":2:5: the capability 'flavours' of compute does not belong into this file [catalog.misplaced]\n"
            "  its file is capabilities/compute/flavours.yaml",
        ),
        (
            f"uuid: {UUID}\n    name: flavors_are_listed",
            f"uuid: {UUID}\n    name: flavors_listed",
            f":8:11: the test {UUID} is called 'flavors_are_listed', not 'flavors_listed' [catalog.test-name]\n"
            "  see suite/compute/test_flavors.py:8",
        ),
        (
            "  - uuid: ",
            f"  - {{uuid: {UUID}, name: flavors_are_listed}}\n  - uuid: ",
            ":7:5: the value stands there twice",
        ),
    ],
)
def test_a_mistake_in_a_capability(folder: Folder, old: str, new: str, expected: str) -> None:
    folder.replace(folder.capability, old, new)
    problems = [one for one in catalog_problems(folder) if one.startswith("capabilities")]
    if "twice" in expected:
        assert "stands there twice [schema.duplicate]" in problems[0]
        assert problems[0].startswith(f"{CAPABILITY}:7:3: tests: ")
    else:
        assert f"{CAPABILITY}{expected}" in problems
        assert len(problems) == 1 or "duplicate-key" in expected


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            'id: "2020.06"',
            "id: 2020.06",
            ':2:5: id: must be a string, not the number 2020.06 [schema.type]\n  write it in quotes: "2020.06"',
        ),
        ("status: approved", "status: aproved", ":3:9: status: 'aproved' is not valid [schema.value]\n"
         "  did you mean 'approved'?"),
        ("required:", "requird:", ":18:5: unknown key 'requird' in components.core [schema.unknown-key]\n"
         "  did you mean 'required'?"),
        ("[flavors]", "[flavor]", ":18:16: no capability 'flavor' in this guideline [catalog.unknown-capability]\n"
         "  did you mean 'flavors'?"),
        ("components: [core]", "components: [cor]", ":15:18: no component 'cor' in this guideline "
         "[catalog.unknown-component]\n  did you mean 'core'?"),
        ("[stable]", "[stabel]", ":24:20: no criterion 'stabel' in this guideline [catalog.unknown-criterion]\n"
         "  did you mean 'stable'?"),
        ("code: D401", "code: d401", ":28:22: code: 'd401' is not valid [schema.value]\n  did you mean 'D401'?"),
        ("date: 2017-04-27", "date: 27.4.2017", ":28:34: date: '27.4.2017' does not fit [schema.pattern]\n"
         "  expected a date as YYYY-MM-DD"),
        ("- id: 3333", "- id: id-3333", ":26:13: id: 'id-33333333-3333-4333-8333-333333333333' does not fit "
         "[schema.pattern]\n  expected a UUID in lower case, without the prefix id-"),
        ("weight: 9", "weight: nine", ":11:36: weight: must be a whole number, not a string [schema.type]"),
        ("target: compute", "target: My Compute", ":14:13: target: 'My Compute' does not fit [schema.pattern]\n"
         "  expected a short name, such as compute"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_guideline(folder: Folder, old: str, new: str, expected: str) -> None:
    folder.replace(folder.guideline, old, new)
    assert guideline_problems(folder) == [f"{GUIDELINE}{expected}"]


def test_a_test_that_stands_twice_in_a_capability(folder: Folder) -> None:
    text = folder.guideline.read_text()
    item = text[text.index("      - id: ") :]
    folder.guideline.write_text(text + item)
    [problem] = guideline_problems(folder)
    assert problem.startswith(f"{GUIDELINE}:29:13: the test 33333333-")
    assert f"stands already at {GUIDELINE}:26:13, in this capability [catalog.duplicate-test]" in problem


@pytest.mark.parametrize("text", ["~", "null", "", "# nothing", "---"])
def test_a_file_of_nothing_is_told(folder: Folder, text: str) -> None:
    folder.guideline.write_text(text)
    folder.capability.write_text(text)
    assert guideline_problems(folder) == [f"{GUIDELINE}: the file is empty [yaml.empty]"]
    assert f"{CAPABILITY}: the file is empty [yaml.empty]" in catalog_problems(folder)


@pytest.mark.parametrize("text", ["[]", "1", "x"])
def test_a_file_that_is_no_mapping_is_told(folder: Folder, text: str) -> None:
    folder.guideline.write_text(text)
    folder.capability.write_text(text)
    [problem] = guideline_problems(folder)
    assert problem.startswith(f"{GUIDELINE}:1:1: a guideline must be a mapping, not ")
    assert any(one.startswith(f"{CAPABILITY}:1:1: a capability must be a mapping") for one in catalog_problems(folder))


def test_one_id_under_two_names_is_two_tests(folder: Folder) -> None:
    """As in the official guidelines 2015.07 to 2018.02."""
    item = f"      - {{id: {COVERED}, name: tempest.test_list_flavors_again}}\n"
    folder.guideline.write_text(folder.guideline.read_text() + item)
    [capability] = load_guideline("2020.06", folder.data).capabilities
    assert [(test.key, test.name) for test in capability.tests] == [
        (COVERED, "tempest.test_list_flavors"),
        (COVERED, "tempest.test_list_flavors_again"),
    ]


def test_a_test_without_id_goes_by_its_name(folder: Folder) -> None:
    folder.replace(folder.guideline, f"- id: {COVERED}\n        name", "- name")
    [capability] = load_guideline("2020.06", folder.data).capabilities
    assert [test.key for test in capability.tests] == ["tempest.test_list_flavors"]


def test_what_components_name_on_purpose_need_not_be_defined(folder: Folder) -> None:
    folder.replace(folder.guideline, "required: [flavors]", "required: [flavors]\n    removed: [gone]")
    [problem] = guideline_problems(folder)
    assert "no capability 'gone' in this guideline [catalog.unknown-capability]" in problem
    folder.replace(folder.guideline, "platforms:", "undefined: [gone]\nplatforms:")
    assert load_guideline("2020.06", folder.data).components[0].capabilities[1][0] == "gone"


def test_all_problems_of_all_files_are_told_at_once(folder: Folder) -> None:
    folder.replace(folder.capability, "title:", "titel:")
    folder.replace(folder.capability, "compute\n", "computer\n")
    folder.write("capabilities/image/broken.yaml", "schema: [")
    folder.replace(folder.test, '"flavor"', '"flavour"')
    told = [one.split(" ", 1)[0] for one in catalog_problems(folder)]
    assert "suite/compute/test_flavors.py:3:15:" in told
    assert f"{CAPABILITY}:3:10:" in told
    assert f"{CAPABILITY}:4:1:" in told
    assert any(one.startswith("capabilities/image/broken.yaml:1:") for one in told)


def test_an_unknown_guideline_names_the_nearest(folder: Folder) -> None:
    with pytest.raises(InputError) as raised:
        load_guideline("2020.6", folder.data)
    assert str(raised.value) == "no guideline '2020.6' [catalog.unknown-guideline]\n  did you mean '2020.06'?"


def test_a_guideline_is_named_by_its_file_too(folder: Folder) -> None:
    assert load_guideline("guidelines/2020.06.yaml", folder.data).id == "2020.06"
    assert load_guideline(folder.guideline, folder.data).digest.startswith("sha256:")
    with pytest.raises(InputError, match=r"^guidelines/2019.yaml: the file cannot be read: No such file"):
        load_guideline("guidelines/2019.yaml", folder.data)


def test_a_test_of_two_capabilities_and_one_of_none(folder: Folder) -> None:
    text = folder.capability.read_text()
    folder.write("capabilities/compute/more.yaml", text.replace("id: flavors", "id: more"))
    folder.replace(folder.test, "def test_flavors", "def test_fl")
    folder.write("suite/compute/test_more.py", folder.test.read_text().replace(UUID, OTHER))
    assert catalog_problems(folder) == [
        f"{CAPABILITY}:8:11: the test {UUID} is called 'fl_are_listed', not 'flavors_are_listed' [catalog.test-name]\n"
        "  see suite/compute/test_flavors.py:8",
        f"capabilities/compute/more.yaml:7:11: the test {UUID} stands already at {CAPABILITY}:7:11 "
        "[catalog.duplicate-test]",
        "suite/compute/test_more.py:8: the test fl_are_listed stands in no capability [catalog.homeless-test]\n"
        f"  add to the tests of capabilities/compute/<capability>.yaml: {{uuid: {OTHER}, name: fl_are_listed}}",
    ]


def test_a_listed_test_that_does_not_exist(folder: Folder) -> None:
    folder.replace(folder.capability, UUID, OTHER)
    assert catalog_problems(folder)[0] == (
        f"{CAPABILITY}:7:11: no test {OTHER} (flavors_are_listed) [catalog.unknown-test]\n"
        f"  the test 'flavors_are_listed' has the UUID {UUID}"
    )
