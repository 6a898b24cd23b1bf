"""Submissions that were altered after they were packed, by somebody without the vendor's key, or by the vendor itself.

Whoever lacks the key can change bytes, files, names, places and signatures; a vendor who lies signs again what does
not fit together. Every alteration must be found, and for what it is: by the code of the reason, in the right file.
"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.faults.alterations import ALTERATIONS, regions
from tests.faults.altered import Alteration, Stock, checked, make_stock, seen_through
from tests.faults.measured import Measured, Say


def alterations(stock: Stock, times: int, rng: random.Random) -> Iterator[Alteration]:
    """Each alteration once, then bytes of every region, then both again by chance; `times` in all."""
    order = [*ALTERATIONS, *regions(stock)]
    order += (rng.choice(order) for _ in range(times - len(order)))
    yield from order[:times]


def measure(*, times: int, seed: int, clouds: Path | None, say: Say) -> Measured:
    """Alter a submission `times` times, and see whether verification finds it for what it is."""
    rng = random.Random(seed)
    kinds: set[str] = set()
    broken: list[str] = []
    with tempfile.TemporaryDirectory() as base:
        stock = make_stock(Path(base) / "runs")
        for n, alteration in enumerate(alterations(stock, times, rng)):
            altered = alteration(stock, rng)
            kinds.add(altered.kind)
            folder = Path(base) / f"altered-{n}"
            folder.mkdir()
            found = checked(stock, altered, folder)
            if not seen_through(found, altered):
                told = [f"{one.where}: {one.code}" for one in found.discrepancies]
                broken.append(f"{n} (seed {seed}), {altered.kind}: not {sorted(altered.codes)} but {told}")
                say(broken[-1])
    return Measured(
        fault="tampering",
        times=times,
        unit="alterations",
        holds="every alteration is found, with the right reason in the right file",
        figures=(("kinds", len(kinds)), ("found", times - len(broken))),
        broken=tuple(broken),
    )
