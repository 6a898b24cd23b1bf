"""A few kills; docs/faults.md has many."""

from __future__ import annotations

import pytest

from tests.conftest import ReferenceCloud
from tests.faults.killing import measure


@pytest.mark.refcloud
@pytest.mark.slow
def test_a_run_that_is_killed_is_resumed_without_loss(reference_cloud: ReferenceCloud) -> None:
    measured = measure(times=2, seed=5, clouds=reference_cloud.clouds_file, say=print)
    assert measured.broken == ()
