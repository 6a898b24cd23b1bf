"""The wheel, in a clean environment in another folder."""

from __future__ import annotations

import json
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

from tests.conftest import ROOT, ReferenceCloud

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--outdir", folder, ROOT], check=True, capture_output=True
    )
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the programs of an environment that holds the wheel and what it depends on."""
    folder = tmp_path_factory.mktemp("clean")
    venv.create(folder / "venv", with_pip=True)
    programs = folder / "venv" / "bin"
    subprocess.run(
        [programs / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", wheel], check=True
    )
    return programs


def test_the_wheel_holds_suite_catalog_and_licence(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    for name in (
        "defcore/data/guidelines/2020.06.yaml",
        "defcore/data/capabilities/compute/compute-flavors-list.yaml",
        "defcore/suite/identity/test_tokens.py",
        "defcore/refcloud/requirements.txt",
    ):
        assert name in names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert not [name for name in names if name.startswith("tests/")]


def test_the_wheel_plans_and_collects_anywhere(installed: Path, tmp_path: Path) -> None:
    def ask(*arguments: str) -> str:
        return subprocess.run(
            [installed / arguments[0], *arguments[1:]], cwd=tmp_path, check=True, capture_output=True, text=True
        ).stdout

    plan = json.loads(ask("defcore", "plan", "--guideline", "2020.06", "--platform", "platform", "--format", "json"))
    assert len(plan["tests"]) > 200
    collected = ask("pytest", "--pyargs", "defcore.suite", "--collect-only", "-q", "-p", "no:cacheprovider")
    assert "test_tokens.py::" in collected


@pytest.mark.refcloud
def test_the_wheel_judges_the_reference_cloud(installed: Path, tmp_path: Path, reference_cloud: ReferenceCloud) -> None:
    done = subprocess.run(
        [
            installed / "defcore", "run", "--cloud", "defcore-ref", "--alt-cloud", "defcore-ref-alt",
            "--guideline", "2020.06",
            "--capability", "identity-v3-tokens-create", "--capability", "compute-flavors-list", "-n", "2",
            "--out", tmp_path / "run",
        ],
        cwd=tmp_path, capture_output=True, text=True, check=False, timeout=300,
        env={
            "PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "LANG": "C.UTF-8",
            "OS_CLIENT_CONFIG_FILE": str(reference_cloud.clouds_file),
        },
    )  # fmt: skip
    tests = json.loads((tmp_path / "run" / "result.json").read_text())["tests"]
    assert tests, done.stderr
    assert {test["outcome"] for test in tests} == {"PASSED"}
