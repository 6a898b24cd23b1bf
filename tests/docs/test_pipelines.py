"""The examples for pipelines are what their pipelines accept, and their commands what defcore accepts."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import click
import jsonschema
import pytest
import yaml

from defcore import schemas
from defcore.cli import root

DOCS = Path(__file__).parents[2] / "docs"
EXAMPLES = DOCS / "examples"
ZUUL = EXAMPLES / "zuul"
TEXTS = [DOCS / "pipelines.md", *sorted(path for path in EXAMPLES.rglob("*") if path.is_file())]
COMMAND = re.compile(
    r"^(?:\s*(?:\$|cmd:(?: >-\n)?)?\s*)(defcore [^\n|]*(?:(?:(?<=\\)|(?<=known_failures))\n[^\n|]*)*)", re.MULTILINE
)
FILLED = re.compile(r"\{\{ (\w+) \}\}")


def check(schema: str, *files: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, *map(str, files)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def zuul_problems(document: object) -> list[str]:
    schema = json.loads(resources.files("zuulcilint").joinpath("zuul-schema.json").read_text())
    return [error.message for error in jsonschema.Draft201909Validator(schema).iter_errors(document)]


@pytest.mark.parametrize(
    ("schema", "name"),
    [("vendor.github-workflows", "github-actions.yml"), ("vendor.gitlab-ci", "gitlab-ci.yml")],
)
def test_an_example_keeps_the_schema_of_its_pipeline(tmp_path, schema, name):
    checked = check(schema, EXAMPLES / name)
    assert checked.returncode == 0, checked.stdout
    broken = tmp_path / name
    broken.write_text((EXAMPLES / name).read_text().replace("script:", "scripts:").replace("runs-on:", "run-on:"))
    assert check(schema, broken).returncode == 1


def test_the_zuul_example_keeps_the_schema_of_zuul():
    document = yaml.safe_load((ZUUL / "zuul.yaml").read_text())
    assert zuul_problems(document) == []
    document[0]["job"]["timeouts"] = 1
    assert zuul_problems(document) != []


def test_the_zuul_example_names_its_playbooks():
    (job,) = [one["job"] for one in yaml.safe_load((ZUUL / "zuul.yaml").read_text()) if "job" in one]
    for name in (job["run"], job["post-run"]):
        (play,) = yaml.safe_load((ZUUL / Path(name).name).read_text())
        assert play["hosts"] == job["nodeset"]["nodes"][0]["name"]
        assert play["tasks"]


def commands(text: str) -> Iterator[list[str]]:
    """Each `defcore ...` that begins a line, with its continuation lines, as words."""
    filled = FILLED.sub(r"\1", text).replace('"$@"', "--baseline baseline")
    for found in COMMAND.finditer(filled):
        yield shlex.split(re.sub(r"\\?\n", " ", found[1]), comments=True)


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)
def test_every_command_is_one_of_defcores(path):
    found = list(commands(path.read_text()))
    if path.name not in ("zuul.yaml", "post.yaml"):
        assert any(words[1] == "gate" for words in found)
        assert any(words[1] == "run" for words in found)
    parent = click.Context(root, **root.context_settings)  # a command keeps the help of whoever asked first
    for _, verb, *arguments in found:
        command = root.get_command(parent, verb)
        assert command is not None
        command.make_context(verb, arguments, parent=parent)


def test_the_list_of_known_failures_keeps_its_schema():
    (block,) = re.findall(r"```yaml\n(.*?)```", (DOCS / "pipelines.md").read_text(), re.DOTALL)
    document = yaml.load(block, Loader=yaml.BaseLoader)
    assert schemas.problems(document, "known-failures") == []


STUB = """#!/bin/sh
echo "$@" >> "$0.calls"
exit "${ANSWER:-0}"
"""


def shell(folder: Path, script: str, **environment: str) -> tuple[int, str]:
    """What the script ends with under `bash -e`, and how it called defcore."""
    stub = folder / "defcore"
    stub.write_text(STUB)
    stub.chmod(0o755)
    path = f"{folder}:{os.environ['PATH']}"
    ended = subprocess.run(
        ["bash", "-e", "-c", script], cwd=folder, env={"PATH": path} | environment, timeout=60, check=False
    )
    calls = folder / "defcore.calls"
    return ended.returncode, calls.read_text() if calls.exists() else ""


def scripts(verb: str) -> list[str]:
    """The scripts of the examples that call the verb; GitLab's lines are one script."""
    steps = yaml.safe_load((EXAMPLES / "github-actions.yml").read_text())["jobs"]["gate"]["steps"]
    lines = yaml.safe_load((EXAMPLES / "gitlab-ci.yml").read_text())["conformance"]["script"]
    (github,) = [step["run"] for step in steps if f"defcore {verb}" in step.get("run", "")]
    (gitlab,) = [n for n, line in enumerate(lines) if f"defcore {verb}" in line]
    return [github, "\n".join(lines[gitlab - 1 : gitlab + 1] if verb == "gate" else lines[gitlab : gitlab + 1])]


@pytest.mark.parametrize(("answer", "ends"), [(0, 0), (1, 0), (2, 1), (3, 0), (70, 1)])
@pytest.mark.parametrize("n", [0, 1], ids=["github", "gitlab"])
def test_a_verdict_does_not_end_the_pipeline_and_wrong_input_does(tmp_path, n, answer, ends):
    code, called = shell(tmp_path, scripts("run")[n], ANSWER=str(answer))
    assert (code, called.split()[0]) == (ends, "run")


@pytest.mark.parametrize("n", [0, 1], ids=["github", "gitlab"])
@pytest.mark.parametrize("answer", [0, 1, 3])
@pytest.mark.parametrize("known", [True, False])
def test_the_gate_decides_with_and_without_a_baseline(tmp_path, n, answer, known):
    if known:
        (tmp_path / "baseline").mkdir()
    curl = tmp_path / "curl"
    curl.write_text(f"#!/bin/sh\nexit {0 if known else 22}\n")
    curl.chmod(0o755)
    code, called = shell(tmp_path, scripts("gate")[n], ANSWER=str(answer), FORMER="", CI_JOB_TOKEN="")
    assert code == answer
    assert ("--baseline" in called, "--fail-on verdict" in called) == (known, not known)
