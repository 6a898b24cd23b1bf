"""How much a run had at a time, from its ledger."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

from defcore.run.allowance import Account
from defcore.run.ledger import FILE


def most_at_a_time(run_folder: Path) -> dict[str, int]:
    """The most that was intended and not yet removed, of each part of a budget and of each kind."""
    account, kinds, there = Account(run_folder / "nowhere"), dict[str, str](), Counter[str]()
    most: Counter[str] = Counter()
    for line in (run_folder / FILE).read_text().splitlines():
        event = json.loads(line)
        account.note(event)
        if event["event"] == "intend":
            kinds[event["key"]] = event["kind"]
            there[event["kind"]] += 1
        elif event["event"] == "removed" and event["key"] in kinds:
            there[kinds.pop(event["key"])] -= 1
        most |= Counter(account.total())
        most |= there
    return dict(most)
