"""An approved guideline is frozen: its lock tells what has been changed since."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

import pytest

from defcore import schemas
from defcore.catalog import current_guidelines, find_data, guideline_names, load_guideline
from defcore.catalog.frozen import changes, load_locks, lock_path, lock_text, read_lock
from defcore.errors import InputError
from defcore.model.guideline import Status
from defcore.model.lock import lock_of
from tests.catalog.conftest import COVERED, Folder

DATA = find_data(env={})


def test_every_shipped_guideline_but_the_living_one_is_as_it_was_frozen() -> None:
    locks = load_locks(DATA.guidelines)
    assert {one.guideline for one in locks} == set(guideline_names(DATA)) - {"scs-0128"}
    for lock in locks:
        guideline = load_guideline(lock.guideline, DATA)
        assert lock_of(guideline) == lock


def test_a_lock_is_read_back_the_same(folder: Folder) -> None:
    lock = lock_of(load_guideline("2020.06", folder.data))
    path = folder.write("guidelines/frozen/2020.06.json", lock_text(lock))
    assert path == lock_path(folder.guideline)
    assert read_lock(path) == lock


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"cutoff": 60}, ("the cutoff was 74, is 60",)),
        ({"weights": (("stable", 10),)}, ("the weight of stable was 9, is 10",)),
        ({"tests": (("flavors", ()),)}, (f"the test {COVERED} was removed from flavors",)),
        ({"tests": (("flavors", (COVERED, COVERED)),)}, (f"the test {COVERED} was added to flavors",)),
        (
            {"components": (("core", (("flavors", Status.ADVISORY),)),)},
            ("in core: flavors was required, is advisory",),
        ),
        ({"status": "superseded", "digest": "sha256:1"}, ()),
    ],
)
def test_what_may_not_change_is_told(folder: Folder, changed: dict[str, object], said: tuple[str, ...]) -> None:
    lock = lock_of(load_guideline("2020.06", folder.data))
    assert changes(lock, replace(lock, **changed)) == said  # type: ignore[arg-type]


def test_of_a_published_draft_the_weights_are_frozen(folder: Folder) -> None:
    lock = replace(lock_of(load_guideline("2020.06", folder.data)), status="review")
    assert changes(lock, replace(lock, tests=(), components=(), status="approved")) == ()
    assert changes(lock, replace(lock, weights=())) == ("the weight of stable was 9, is not there",)


def test_a_broken_lock_is_told_with_its_place(folder: Folder) -> None:
    path = folder.write("guidelines/frozen/2020.06.json", '{"schema": "defcore/lock/1", "guideline": 1}')
    with pytest.raises(InputError, match=r"2020\.06\.json: \$\.guideline: guideline: must be a string"):
        read_lock(path)


def test_a_lock_that_lies_does_not_hide_what_is_wrong(folder: Folder) -> None:
    """A digest on record spares the check, and yet no broken file is taken for a guideline."""
    folder.replace(folder.guideline, "capabilities:\n", "capabilitys:\n")
    with pytest.raises(InputError) as raised:
        load_guideline("2020.06", folder.data)
    text = folder.guideline.read_bytes()
    folder.write("guidelines/frozen/2020.06.json", f'"sha256:{hashlib.sha256(text).hexdigest()}"')
    with pytest.raises(InputError) as again:
        load_guideline("2020.06", folder.data)
    assert again.value.problems == raised.value.problems


def test_the_schema_of_the_lock_is_closed(folder: Folder) -> None:
    document = json.loads(lock_text(lock_of(load_guideline("2020.06", folder.data))))
    assert schemas.problems(document, "lock") == []
    assert schemas.problems(document | {"flags": []}, "lock") != []


def test_those_in_use_today_are_the_newest_approved_one_and_what_is_not_frozen(folder: Folder) -> None:
    assert current_guidelines(DATA) == ("2020.06", "scs-0128")
    assert current_guidelines(folder.data) == ("2020.06",)
