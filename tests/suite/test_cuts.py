"""A text of the cloud that is cut says so, or half a password in the middle of a message is not seen."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from defcore.errors import CannotTell, Prerequisite, PromiseBroken, shortened
from defcore.run.redaction import REDACTED, Secrets
from defcore.suite.support.answer import Answer
from tests.conftest import ROOT

PASSWORD = "Corr3ct-Horse-Battery!"


def test_a_text_is_shortened_to_a_length_and_says_so() -> None:
    assert [shortened("abcdef", n) for n in (7, 6, 5)] == ["abcdef", "abcdef", "abcd…"]


@pytest.mark.parametrize("path", sorted(ROOT.glob("defcore/suite/**/*.py")), ids=lambda path: path.name)
def test_no_text_of_the_cloud_is_cut_in_another_way(path: Path) -> None:
    assert re.findall(r"(?:\.text|\.body|\.message|\bstr\(show\(value\)\))\[: ?\w+\]", path.read_text()) == []


def _answer(status: int, text: str) -> Answer:
    return Answer(
        method="POST", url="http://c/servers", status=status, headers={}, body=text.encode(), note=lambda _: None
    )


@pytest.mark.parametrize("shown", range(6, 22))
def test_half_a_password_in_the_middle_of_a_message_is_taken_out(shown: int) -> None:
    """As the suite shows answers: cut, with more words behind."""
    secrets = Secrets()
    secrets.add(PASSWORD)
    told = []
    full = "Quota exceeded for cores: "
    with pytest.raises(Prerequisite) as quota:
        _answer(403, full + "x" * (199 - len(full) - shown) + PASSWORD + " and more").need_room()
    told.append(str(quota.value))
    with pytest.raises(CannotTell) as setup:
        _answer(500, "x" * (399 - shown) + PASSWORD + " and more").setup(200)
    told.append(str(setup.value))
    body = json.dumps({"b": "x" * (398 - shown) + PASSWORD + " and more"})
    schema = {"type": "object", "properties": {"b": {"type": "null"}}, "required": ["a", "b"]}
    with pytest.raises(PromiseBroken) as wrong:
        _answer(200, body).check(schema)
    told.append(str(wrong.value))
    for text in told:
        assert PASSWORD[:6] in text
        assert PASSWORD not in text
        assert PASSWORD[:6] not in secrets.clean(text)
        assert REDACTED in secrets.clean(text)
