"""The commands and the product of docs/submissions.md, and its list of what verification can say."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from defcore.cli import root
from defcore.results.product import load_product
from defcore.results.source import Source
from tests.docs.test_pipelines import DOCS, commands

TEXT = (DOCS / "submissions.md").read_text()
SOURCES = Path(__file__).parents[2] / "defcore"


def test_its_commands_are_defcores(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("product.yaml", "leaf.json"):
        Path(name).touch()
    found = list(commands(TEXT))
    assert {words[1] for words in found} == {"run", "pack", "verify", "disclose"}
    parent = click.Context(root, **root.context_settings)
    for _, verb, *arguments in found:
        command = root.get_command(parent, verb)
        assert command is not None
        command.make_context(verb, arguments, parent=parent)


def test_its_product_is_one():
    [block] = re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)
    assert load_product(Source(name="product.yaml", content=block.encode())).version == "3.2"


@pytest.mark.parametrize("room", ["results", "cli"])
def test_every_code_of_verification_is_in_the_list(room):
    rows = [line.rpartition(" | ")[2] for line in TEXT.splitlines() if line.startswith("| ")]
    told = set(re.findall(r"`([a-z-]+)`", " ".join(rows)))
    sources = "".join(path.read_text() for path in (SOURCES / room).glob("*.py"))
    said = set(re.findall(r'\b(?:no|unknown|_wrong)\(\s*(?:contents, [^"\n]*)?"([a-z-]+)"', sources))
    assert said - told == set()
    assert len(said) >= {"results": 12, "cli": 1}[room]
