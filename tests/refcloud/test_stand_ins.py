"""`simplegeneric`, written anew for the cloud because the package has no wheel."""

from __future__ import annotations

from defcore.refcloud.services.simplegeneric import generic


@generic
def describe(value: object) -> str:
    """Says what it was given."""
    return f"object {value}"


MARK = object()


@describe.when_type(int, str)
def describe_simple(value: object) -> str:
    return f"simple {value}"


@describe.when_object(MARK)
def describe_mark(_value: object) -> str:
    return "the mark"


def test_the_first_argument_decides() -> None:
    assert describe(1) == "simple 1"
    assert describe("a") == "simple a"
    assert describe(MARK) == "the mark"
    assert describe(1.5) == "object 1.5"


def test_a_subtype_is_served_by_its_nearest_base() -> None:
    assert describe(True) == "simple True"


def test_a_new_function_looks_like_the_one_it_wraps() -> None:
    assert describe.__name__ == "describe"
    assert describe.__doc__ == "Says what it was given."
