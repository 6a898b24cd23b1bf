"""What a deviation would make of calls that are on record."""

from __future__ import annotations

from defcore.model.capability import Service
from defcore.suite.support.compute_guest import finished
from tests.deviations import changes
from tests.deviations.asked import Asked, share
from tests.deviations.deviation import Book

BOOK = Book(Service.IMAGE)
BOOK.add("hidden", "...", "images-v2-list", BOOK.at("GET", "/images/{id}", changes.status(200, 404)))
CALLS = tuple(
    Asked(at=0.0, service=Service.IMAGE, method="GET", path=f"/v2/images/{id}", status=status, told="{}")
    for id, status in (("a", 200), ("b", 404), ("c", 200), ("d", 204))
)


def test_the_share_is_of_the_calls_that_would_be_answered_otherwise() -> None:
    assert share(BOOK.deviations[0], CALLS) == 0.5


def test_a_loop_that_runs_already_is_in_nobodys_way() -> None:
    async def within() -> float:
        return share(BOOK.deviations[0], CALLS)

    assert finished(within()) == 0.5
