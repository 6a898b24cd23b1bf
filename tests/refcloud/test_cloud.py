"""Starting and looking, with pretended services."""

from __future__ import annotations

import http.server
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import click.testing
import pytest

from defcore.cli.cloud import cloud as cloud_command
from defcore.errors import DefcoreError, InputError, UnknownError
from defcore.refcloud import contents, launch, parts, processes
from defcore.refcloud.cloud import ANSWERS, CHANGING, CRASHED, SILENT, Cloud
from defcore.refcloud.state import Facts, State

KEYSTONE = parts.BY_NAME["keystone"]


@pytest.fixture
def service() -> Iterator[int]:
    """A port that answers everything with 204."""

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_args: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


@pytest.fixture
def process() -> Iterator[processes.Process]:
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    found = processes.find(child.pid)
    assert found
    yield found
    child.kill()
    child.wait()


def state_of(folder: Path, port: int, process: processes.Process | None, *log: str, listening: bool = True) -> State:
    """A state that says: keystone was started."""
    state = State(folder / "state")
    state.prepare()
    for name in ("run", "log"):
        (state / name).mkdir()
    state.save(Facts(release="r", started=["keystone"], ports={"keystone": port}))
    launch.log_file(state, "keystone").write_text("".join(f"{line}\n" for line in log))
    written = {
        "pid": process.pid if process else 2**22 + 1,
        "started": process.started if process else 1,
        "boot": processes.BOOT.read_text().strip(),
        "listening": listening,
    }
    launch.record_file(state, "keystone").write_text(json.dumps(written))
    return state


def test_a_service_that_answers(tmp_path: Path, service: int, process: processes.Process) -> None:
    state = state_of(tmp_path, service, process)
    (status,) = Cloud(state.path).status()
    assert (status.condition, status.pid, status.log) == (ANSWERS, process.pid, ())


def test_a_crashed_service_is_shown_with_the_end_of_its_log(tmp_path: Path, service: int) -> None:
    """Even if something else answers at its port."""
    state = state_of(tmp_path, service, None, "one", "two", "three")
    (status,) = Cloud(state.path).status(lines=2)
    assert (status.condition, status.log) == (CRASHED, ("two", "three"))


def test_a_service_without_process_has_not_crashed_while_a_command_works_on_the_cloud(
    tmp_path: Path, service: int
) -> None:
    state = state_of(tmp_path, service, None)
    with state.locked():
        assert [one.condition for one in Cloud(state.path).status()] == [CHANGING]
    assert [one.condition for one in Cloud(state.path).status()] == [CRASHED]


def test_a_silent_service_is_neither(tmp_path: Path, process: processes.Process) -> None:
    state = state_of(tmp_path, 9, process, "hm")
    (status,) = Cloud(state.path).status()
    assert (status.condition, status.log) == (SILENT, ("hm",))


def invoke(*arguments: str) -> click.testing.Result:
    return click.testing.CliRunner().invoke(cloud_command, arguments)


def test_status_says_3_unless_everything_answers(tmp_path: Path, service: int, process: processes.Process) -> None:
    assert invoke("status", "--state", str(tmp_path / "none")).exit_code == 3
    state = state_of(tmp_path, service, process)
    assert invoke("status", "--state", str(state.path)).exit_code == 0
    launch.record_file(state, "keystone").unlink()
    launch.log_file(state, "keystone").write_text("Killed by the night\n")
    crashed = invoke("status", "--state", str(state.path))
    assert crashed.exit_code == 3
    assert "crashed" in crashed.output
    assert "Killed by the night" in crashed.output


def test_a_cloud_whose_start_was_cut_off_is_not_called_ready(
    tmp_path: Path, service: int, process: processes.Process
) -> None:
    state = state_of(tmp_path, service, process)
    facts = state.read()
    assert facts
    facts.started, facts.ports = ["glance"], {"glance": service}
    state.save(facts)
    launch.record_file(state, "keystone").rename(launch.record_file(state, "glance"))
    cut_off = invoke("status", "--state", str(state.path))
    assert cut_off.exit_code == 3
    assert "of glance are missing" in cut_off.output
    facts.contents = ["glance"]
    state.save(facts)
    assert invoke("status", "--state", str(state.path)).exit_code == 0


def test_logs_of_one_service_and_of_all(tmp_path: Path) -> None:
    state = state_of(tmp_path, 9, None, "one", "two")
    assert invoke("logs", "keystone", "-n", "1", "--state", str(state.path)).output == "two\n"
    assert invoke("logs", "--state", str(state.path)).output == "keystone   one\nkeystone   two\n"
    unknown = invoke("logs", "keystome", "--state", str(state.path))
    assert isinstance(unknown.exception, InputError)
    assert unknown.exception.problems[0].hint == "did you mean 'keystone'?"


def test_following_a_log_gives_what_is_written_from_now_on(tmp_path: Path) -> None:
    state = state_of(tmp_path, 9, None, "old")
    lines = Cloud(state.path).follow(["keystone"], pause=0.01)

    def write() -> None:
        with launch.log_file(state, "keystone").open("a") as log:
            log.write("new\nunfinished")

    timer = threading.Timer(0.1, write)
    timer.start()
    assert next(lines) == ("keystone", "new")
    timer.join()


def test_waiting_ends_when_the_service_itself_listens(tmp_path: Path, service: int, process: processes.Process) -> None:
    state = state_of(tmp_path, service, process)
    said: list[str] = []
    launch.wait(state, Facts(release="r", ports={"keystone": service}), [KEYSTONE], {}, said.append)
    assert len(said) == 1


def test_another_program_at_the_port_is_not_taken_for_the_service(
    tmp_path: Path, service: int, process: processes.Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launch, "START_SECONDS", 0.3)
    state = state_of(tmp_path, service, process, listening=False)
    with pytest.raises(UnknownError, match="does not answer within"):
        launch.wait(state, Facts(release="r", ports={"keystone": service}), [KEYSTONE], {}, lambda _: None)


@pytest.mark.parametrize(
    ("line", "kind", "code"),
    [
        ("RuntimeError: out of luck", UnknownError, "refcloud.service-died"),
        ("OSError: [Errno 98] Address already in use", InputError, "refcloud.port-taken"),
        ("ModuleNotFoundError: No module named 'nova'", InputError, "refcloud.environment-broken"),
    ],
)
def test_a_service_that_dies_while_starting_is_noticed_at_once(
    tmp_path: Path, line: str, kind: type[DefcoreError], code: str
) -> None:
    state = state_of(tmp_path, 9, None, "Traceback ...", line)
    with pytest.raises(kind) as caught:
        launch.wait(state, Facts(release="r", ports={"keystone": 9}), [KEYSTONE], {}, lambda _: None)
    assert caught.value.problems[0].code == code
    assert line in caught.value.problems[0].message or code == "refcloud.port-taken"


def test_a_starter_that_dies_before_its_services_is_noticed(tmp_path: Path) -> None:
    state = state_of(tmp_path, 9, None)
    launch.record_file(state, "keystone").unlink()
    launch.log_file(state, "start").write_text("out of memory\n")
    starter = subprocess.Popen(["false"])
    starter.wait()
    with pytest.raises(UnknownError, match="out of memory"):
        launch.wait(state, Facts(release="r", ports={"keystone": 9}), [KEYSTONE], {"start": starter}, lambda _: None)


def test_services_get_nothing_of_the_users_environment(tmp_path: Path) -> None:
    mine = {"PATH": "/bin", "HTTP_PROXY": "x", "OS_CLOUD": "mine", "PYTHONPATH": "y", "HOME": "/home/me"}
    given = launch.variables(State(tmp_path), Facts(release="r", token="t"), mine)
    assert given["PATH"] == "/bin"
    assert given[processes.MARK] == "t"
    assert given["HOME"] == str(tmp_path)
    assert not {"HTTP_PROXY", "OS_CLOUD"} & given.keys()
    assert "y" not in given["PYTHONPATH"]


def test_contents_made_before_are_not_made_again() -> None:
    facts = Facts(release="r", contents=list(contents.MAKERS))
    contents.make(facts, parts.PARTS, pytest.fail)  # it would have to log in to a cloud that is not there


def test_every_verb_has_help_with_an_example() -> None:
    for name in ("up", "status", "logs", "down", "wipe"):
        shown = invoke(name, "--help")
        assert shown.exit_code == 0
        assert f"defcore cloud {name}" in shown.output
