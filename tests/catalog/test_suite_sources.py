"""The suite's tests are read from their source, with every mistake in their marks."""

from __future__ import annotations

from pathlib import Path

import pytest

from defcore.catalog import find_data, load_catalog
from defcore.catalog.suite import read_suite, suite_digest
from defcore.errors import InputError
from defcore.model.capability import Service, TestCase
from tests.catalog.conftest import COVERED, OTHER, UUID, Folder

FILE = "suite/compute/test_flavors.py"


def problems(folder: Folder) -> list[str]:
    return [str(problem) for problem in read_suite(folder.data.suite)[2]]


def test_a_test_is_what_its_source_states(folder: Folder) -> None:
    [test], places, told = read_suite(folder.data.suite)
    assert told == []
    assert places == {UUID: f"{FILE}:8"}
    assert test == TestCase(
        id=UUID,
        name="flavors_are_listed",
        nodeid="compute/test_flavors.py::test_flavors_are_listed",
        service=Service.COMPUTE,
        promise="GET /flavors answers with the flavors.",
        reference="https://docs.openstack.org/api-ref/compute/#a",
        covers=(COVERED,),
        needs=("flavor",),
    )


def test_marks_of_classes_count_too(folder: Folder) -> None:
    folder.write(
        "suite/block_storage/test_volumes.py",
        f'''
import pytest

pytestmark = pytest.mark.needs("image")


@pytest.mark.needs("alt")
class TestVolumes:
    pytestmark = [pytest.mark.exclusive("volume")]

    @pytest.mark.uuid("{OTHER}")
    @pytest.mark.parametrize("size", [1, 2])
    @pytest.mark.needs("image", "admin")
    def test_paging(self, size):
        """Volumes are paged through."""
''',
    )
    [_, test] = read_suite(folder.data.suite)[0]
    assert test.nodeid == "block_storage/test_volumes.py::TestVolumes::test_paging"
    assert test.service is Service.BLOCK_STORAGE
    assert test.needs == ("image", "alt", "admin")
    assert test.exclusive == ("volume",)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (f'@pytest.mark.uuid("{UUID}")\n', "", ":7:1: the test test_flavors_are_listed has no mark uuid "
         '[suite.no-uuid]\n  add @pytest.mark.uuid("...") with a new UUID: python -m uuid'),
        ('mark.uuid("1', 'mark.uuid("id-1', ":6:2: 'id-11111111-1111-4111-8111-111111111111' is no UUID in lower "
         f"case [suite.uuid-form]\n  write {UUID}"),
        (f'mark.uuid("{UUID}")', "mark.uuid(NAME)", ":6:2: the mark 'uuid' takes plain strings only "
         "[suite.mark-literal]\n  the catalog reads the source without running it"),
        ("mark.covers(", "mark.cover(", ":7:2: no mark 'cover' [suite.unknown-mark]\n  did you mean 'covers'?"),
        (f'covers("{COVERED}")', "covers()", ":7:2: the mark 'covers' has no argument [suite.mark-arguments]"),
        (f'covers("{COVERED}")', "covers(*IDS)", ":7:2: the mark 'covers' takes plain strings only "
         "[suite.mark-literal]\n  the catalog reads the source without running it"),
        ('needs("flavor")', 'needs("flavour")', ":3:15: no need 'flavour' [suite.unknown-need]\n"
         "  did you mean 'flavor'?"),
        ('"https://docs.openstack.org/api-ref/compute/#a"', '"flavors"', ":3:44: 'flavors' is no address "
         "[suite.reference]\n  write https://..."),
        ("pytestmark = [", f'pytestmark = [pytest.mark.uuid("{UUID}"), ', ":3:15: the mark 'uuid' belongs to a test "
         "function alone [suite.mark-place]"),
        ("def test_fl", "def test_fl(", ":8:"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_mark(folder: Folder, old: str, new: str, expected: str) -> None:
    folder.replace(folder.test, old, new)
    told = problems(folder)
    assert len(told) == 1
    if new.endswith("("):
        assert told[0].startswith(f"{FILE}{expected}") or "cover" in told[0]
    else:
        assert told[0] == f"{FILE}{expected}"


def test_a_test_without_a_docstring_promises_nothing(folder: Folder) -> None:
    folder.test.write_text(folder.test.read_text().split('    """')[0] + "    assert True\n")
    assert problems(folder) == [
        f"{FILE}:8:1: the test test_flavors_are_listed has no docstring [suite.no-docstring]\n"
        "  its first paragraph states the promise that the test checks"
    ]


def test_a_uuid_belongs_to_one_test(folder: Folder) -> None:
    folder.write("suite/image/test_images.py", folder.test.read_text())
    assert problems(folder) == [
        f"{FILE}:8: the UUID {UUID} belongs already to the test at suite/image/test_images.py:8 "
        "[suite.duplicate-uuid]\n  each test has a UUID of its own: python -m uuid"
    ]


def test_the_suite_digest_is_of_names_and_bytes(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x")
    first = suite_digest(tmp_path)
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "a.py").write_text("y")
    assert suite_digest(tmp_path) == first
    (tmp_path / "a.py").rename(tmp_path / "b.py")
    assert suite_digest(tmp_path) != first


def test_the_suite_and_the_capabilities_that_we_ship_agree() -> None:
    catalog = load_catalog(find_data(env={}))
    assert len(catalog.capabilities) >= 79


def test_a_named_folder_must_hold_the_data(tmp_path: Path) -> None:
    (tmp_path / "capabilities").mkdir()
    with pytest.raises(InputError, match="DEFCORE_CATALOG: this folder holds no guidelines/"):
        find_data(env={"DEFCORE_CATALOG": str(tmp_path)})
    (tmp_path / "guidelines").mkdir()
    assert find_data(env={"DEFCORE_CATALOG": "/nowhere"}, explicit=tmp_path).root == tmp_path
