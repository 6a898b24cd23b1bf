"""A small catalog on disk that is right; each test breaks one thing in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from defcore.catalog import Data

UUID = "11111111-1111-4111-8111-111111111111"
OTHER = "22222222-2222-4222-8222-222222222222"
COVERED = "33333333-3333-4333-8333-333333333333"

CAPABILITY = f"""\
schema: defcore/capability/1
id: flavors
service: compute
title: Flavors can be listed
reference: https://docs.openstack.org/api-ref/compute/#flavors-flavors
tests:
  - uuid: {UUID}
    name: flavors_are_listed
"""

GUIDELINE = f"""\
schema: defcore/guideline/1
id: "2020.06"
status: approved
source: https://example.org/2020.06.json
releases: [stein]
replaces: "2019.11"
approval: "2020.06"
scoring:
  cutoff: 74
  criteria:
    stable: {{name: Stable, weight: 9}}
platforms:
  OpenStack Powered Compute:
    target: compute
    components: [core]
components:
  core:
    required: [flavors]
capabilities:
  flavors:
    description: Flavors can be listed
    project: nova
    required_since: "2017.09"
    achievements: [stable]
    tests:
      - id: {COVERED}
        name: tempest.test_list_flavors
        flag: {{code: D401, date: 2017-04-27, reason: it has a bug}}
"""

TEST = f'''\
import pytest

pytestmark = [pytest.mark.needs("flavor"), pytest.mark.reference("https://docs.openstack.org/api-ref/compute/#a")]


@pytest.mark.uuid("{UUID}")
@pytest.mark.covers("{COVERED}")
def test_flavors_are_listed(cloud):
    """GET /flavors answers
    with the flavors.

    More words.
    """
'''


class Folder:
    """The catalog on disk."""

    def __init__(self, root: Path) -> None:
        self.data = Data(root=root, suite=root / "suite")
        self.capability = self.write("capabilities/compute/flavors.yaml", CAPABILITY)
        self.guideline = self.write("guidelines/2020.06.yaml", GUIDELINE)
        self.test = self.write("suite/compute/test_flavors.py", TEST)

    def write(self, name: str, text: str) -> Path:
        path = self.data.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def replace(self, path: Path, old: str, new: str) -> None:
        text = path.read_text()
        assert text.count(old) >= 1
        path.write_text(text.replace(old, new, 1))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folder:
    """Paths in messages are relative to it."""
    monkeypatch.chdir(tmp_path)
    return Folder(Path())
