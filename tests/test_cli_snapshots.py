"""What the command line prints is a product: help and errors, word for word.

After a change that is meant: `pytest tests/test_cli_snapshots.py --snapshot-update`, and read the difference.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from defcore.cli import VERBS, call

WRONG = (
    ("plam",),
    ("plan", "--platform", "platfrom"),
    ("plan", "--guideline", "2020.6", "--capability", "compute-flavor-list"),
    ("plan", "--service", "computer"),
    ("plan", "--capability", "compute-flavor-list", "--component", "os_powered_computer"),
    ("show", "compute-flavor-list"),
    ("run", "--cloud", "clouds-are-unknown", "-n", "many"),
    ("run", "--cloud", "mien"),
    ("run", "--cloud", "mine", "--set", "image=1", "flavour=2", "network"),
    ("check", "--cloud", "mien"),
    ("sweep", "--cloud", "mien"),
    ("sweep", "--cloud", "mine", "--older-than", "yesterday"),
    ("score", "no-such-folder"),
    ("report", "no-such-folder", "--format", "pdf"),
    ("compare", "no-such-folder", "no-such-folder"),
    ("gate", "no-such-folder", "--baseline", "no-such-folder"),
    ("gate", "no-such-folder", "--output", "junti=gate.xml"),
    ("pack", "no-such-folder", "--product", "no-such-file"),
    ("verify", "no-such-folder", "--trusted", "no-such-file"),
    ("disclose", "no-such-folder", "--test", "servers_create"),
    ("cloud", "up", "--services", "keystone,swfit"),
    ("completion", "tcsh"),
)


@pytest.fixture(autouse=True)
def terminal(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A terminal of 100 columns, and a clouds.yaml with one entry."""
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "clouds.yaml").write_text("clouds:\n  mine:\n    auth: {auth_url: 'http://127.0.0.1:1/v3'}\n")
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", "clouds.yaml")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.mark.parametrize("verb", ["", *VERBS])
def test_help(verb: str, snapshot: SnapshotAssertion, capsys: pytest.CaptureFixture[str]) -> None:
    assert call([*([verb] if verb else []), "--help"]) == 0
    assert capsys.readouterr().out == snapshot


@pytest.mark.parametrize("verb", ["up", "status", "logs", "down", "wipe"])
def test_help_of_the_reference_cloud(
    verb: str, snapshot: SnapshotAssertion, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(["cloud", verb, "--help"]) == 0
    assert capsys.readouterr().out == snapshot


@pytest.mark.parametrize("arguments", WRONG, ids=" ".join)
def test_errors(arguments: tuple[str, ...], snapshot: SnapshotAssertion, capsys: pytest.CaptureFixture[str]) -> None:
    code = call(list(arguments))
    captured = capsys.readouterr()
    assert {"exit": code, "out": captured.out, "err": captured.err} == snapshot
