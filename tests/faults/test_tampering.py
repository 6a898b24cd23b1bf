"""A short form of the measurement, and that it can fail."""

from __future__ import annotations

import random

import pytest

from defcore.model.verification import Answer
from tests.faults import tampering
from tests.faults.alterations import ALTERATIONS, swapped
from tests.faults.altered import Altered, Stock, checked, make_stock, seen_through

SHORT = len(ALTERATIONS) + 20
"""Each alteration, and some bytes."""


@pytest.fixture(scope="module")
def stock(tmp_path_factory: pytest.TempPathFactory) -> Stock:
    return make_stock(tmp_path_factory.mktemp("runs"))


def test_every_alteration_is_found_with_the_right_reason():
    measured = tampering.measure(times=SHORT, seed=7, clouds=None, say=print)
    assert measured.broken == ()
    assert dict(measured.figures)["found"] == SHORT


@pytest.mark.parametrize("name", ["whole", "passes"])
def test_what_is_not_altered_holds(stock, tmp_path, name):
    same = Altered(kind="nothing", files=getattr(stock, name), codes=frozenset({"verify.digest"}), where="result.json")
    found = checked(stock, same, tmp_path)
    assert (found.answer, found.discrepancies) == (Answer.HOLDS, ())
    assert not seen_through(found, same)


def test_the_wrong_reason_does_not_count(stock, tmp_path):
    altered = swapped(stock, random.Random(1))
    found = checked(stock, altered, tmp_path)
    assert seen_through(found, altered)
    wrong = Altered(kind="", files=altered.files, codes=frozenset({"verify.path"}), where=altered.where)
    assert not seen_through(found, wrong)
