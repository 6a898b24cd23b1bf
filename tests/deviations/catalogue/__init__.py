"""The deviations, by service."""

from __future__ import annotations

from tests.deviations.catalogue import image
from tests.deviations.deviation import Deviation

DEVIATIONS: tuple[Deviation, ...] = tuple(one for module in (image,) for one in module.book.deviations)
