"""`--redact FILE`: what is read of it, and that a run keeps it out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from defcore.cli import call
from defcore.errors import InputError
from defcore.run.redact_file import LARGEST, MOST_VALUES, read_redact_file
from tests.fakes.cloud import FakeCloud


def problems(file: Path) -> list[tuple[str, str | None]]:
    with pytest.raises(InputError) as raised:
        read_redact_file(file)
    return [(one.code, one.where) for one in raised.value.problems]


def test_each_line_is_a_value(tmp_path: Path) -> None:
    file = tmp_path / "redact.txt"
    file.write_bytes("\ufeffnet-prod\r\n\r\n  with spaces  \n# no comment\nÜnïcødé\nnet-prod\n".encode())
    assert read_redact_file(file) == ("net-prod", "with spaces", "# no comment", "Ünïcødé")
    assert read_redact_file(None) == ()


def test_a_short_value_is_refused_with_its_line_and_without_itself(tmp_path: Path) -> None:
    file = tmp_path / "redact.txt"
    file.write_text("net-prod\nab\n\nxyz\n")
    assert problems(file) == [("redact.short", f"{file}:2"), ("redact.short", f"{file}:4")]
    with pytest.raises(InputError) as raised:
        read_redact_file(file)
    assert "xyz" not in str(raised.value)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (None, "redact.file"),
        (b"", "redact.empty"),
        (b"  \n\n", "redact.empty"),
        (b"x" * (LARGEST + 1), "redact.file"),
        (b"good\nb\xff\xfed\n", "redact.encoding"),
        ("".join(f"value-{n}\n" for n in range(MOST_VALUES + 1)).encode(), "redact.many"),
    ],
)
def test_what_cannot_be_read_is_told(tmp_path: Path, content: bytes | None, code: str) -> None:
    file = tmp_path / "redact.txt"
    if content is not None:
        file.write_bytes(content)
    ((found, where),) = problems(file)
    assert found == code
    assert str(where).startswith(str(file))
    assert (":2" in str(where)) == (code == "redact.encoding")


def test_check_keeps_it_out_of_what_it_prints(
    cloud: FakeCloud, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "redact.txt"
    file.write_text("secret-image\n")
    cloud.put("/image/v2/images", name="a secret-image", size=1, visibility="public", disk_format="raw")
    assert call(["check", "--cloud", "user", "--redact", str(file)]) == 0
    assert "secret-image" not in capsys.readouterr().out
    assert call(["check", "--cloud", "user"]) == 0
    assert "secret-image" in capsys.readouterr().out


@pytest.mark.parametrize("where", ["setting", "cloud", "folder"])
def test_a_run_that_would_have_to_keep_a_value_is_refused(
    cloud: FakeCloud, capsys: pytest.CaptureFixture[str], tmp_path: Path, where: str
) -> None:
    image = cloud.put("/image/v2/images", name="x", size=1, visibility="public", disk_format="raw")
    hidden = {"setting": image, "cloud": "user", "folder": "night-run"}[where]
    (tmp_path / "redact.txt").write_text(f"{hidden}\n")
    out = tmp_path / "night-run"
    code = call(["run", "--cloud", "user", "--redact", str(tmp_path / "redact.txt"), "--out", str(out)])
    told = capsys.readouterr().err
    assert (code, "[redact.plan]" in told) == (2, True)
    assert not out.exists()


def test_verbs_say_what_is_wrong_with_the_file(cloud: FakeCloud, capsys: pytest.CaptureFixture[str]) -> None:
    for verb in ("run", "check", "sweep"):
        assert call([verb, "--cloud", "user", "--redact", "absent.txt"]) == 2
        assert "absent.txt: No such file or directory" in capsys.readouterr().err.replace("\n", "")


def test_an_entry_of_clouds_yaml_in_another_shape_is_input(
    cloud: FakeCloud, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for content in ({"clouds": {"user": {"auth": "hunter2-x"}}}, {"clouds": {"user": "hunter2-x"}}, {"clouds": "x"}):
        file = tmp_path / "odd.yaml"
        file.write_text(json.dumps(content))
        monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(file))
        assert call(["check", "--cloud", "user"]) == 2
        told = capsys.readouterr().err
        assert "mapping" in told
        assert "hunter2" not in told


@pytest.mark.parametrize("value", ["*hunter2x", "!hunter2x", '"hunter2x\\q"', "'hunter2x"])
def test_what_a_parser_quotes_of_a_password_is_not_shown(
    cloud: FakeCloud,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    value: str,
) -> None:
    file = tmp_path / "odd.yaml"
    file.write_text(f"clouds:\n  user:\n    auth:\n      password: {value}\n")
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(file))
    assert call(["check", "--cloud", "user"]) == 2
    told = capsys.readouterr().err
    assert "clouds.yaml cannot be read" in told
    assert "hunter2" not in told
