"""Secrets planted wherever they can occur: none is in any output.

A miniature cloud that gives secrets away (`canary_cloud`) is tested by a suite that shows them in every way
(`canary_cases`), by the real command line. Given a reference cloud, the real suite runs against it with a marked
password and a marked application credential. Whatever was printed and written is searched (`leaks`), and so are the
command lines and environments of all processes meanwhile.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote

import yaml

from defcore.catalog import find_data
from defcore.cli.options import load_both
from defcore.plan import make_plan
from tests.fakes.cloud import PASSWORDS, Reply, serving
from tests.faults.canary_cloud import CanaryCloud, odd_answers
from tests.faults.canary_driver import SUITE
from tests.faults.leaks import Canaries, Leak, leaks_in_folder
from tests.faults.measured import Measured, Say
from tests.submissions.runs import PRODUCT

ROOT = Path(__file__).parents[2]
CASES = Path(__file__).with_name("canary_cases.py")
DRIVER = "tests.faults.canary_driver"
GUIDELINE = "2020.06"
HOLDS = "0 planted secrets in any output, command line or environment"
SENT = (
    "sent-json",
    "sent-form",
    "sent-broken",
    "sent-authorization",
    "sent-cookie",
    "sent-temp-url-key",
    "sent-service-token",
    "sent-signature",
    "sent-credential",
    "sent-nowhere",
    "met-late",
    "made-user",
    "printed-key",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verb:
    """A call of the command line."""

    name: str
    arguments: list[str]
    code: int | None = None
    """That it must end with."""
    environment: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Bench:
    """A folder for what may hold secrets, `given`, and one for all that comes out, `out`."""

    root: Path
    canaries: Canaries
    codes: list[str] = field(default_factory=list)
    leaks: list[Leak] = field(default_factory=list)
    processes: set[int] = field(default_factory=set)
    """Those whose command line and environment were seen."""

    def __post_init__(self) -> None:
        for name in ("given/home", "given/src", "out/tmp", "out/state", "out/cwd", "out/words"):
            (self.root / name).mkdir(parents=True)

    @property
    def given(self) -> Path:
        return self.root / "given"

    @property
    def out(self) -> Path:
        return self.root / "out"

    def environment(self, **more: str) -> dict[str, str]:
        clean = {
            name: value for name, value in os.environ.items() if not name.startswith(("OS_", "DEFCORE_", "PYTEST"))
        }
        return clean | {
            "HOME": str(self.given / "home"),
            "TMPDIR": str(self.out / "tmp"),
            "XDG_STATE_HOME": str(self.out / "state"),
            "OS_CLIENT_CONFIG_FILE": str(self.given / "clouds.yaml"),
            "PYTHONPATH": os.pathsep.join((str(ROOT), str(self.given / "src"))),
            "CANARY_SUITE": str(self.given / "about.json"),
            **more,
        }

    def do(self, name: str, *arguments: str, module: str = "defcore", wanted: int | None = None, **more: str) -> int:
        """Run a verb in a process of its own; what it prints is an output like any other."""
        words = self.out / "words" / f"{len(self.codes):02}-{name}"
        environment = self.environment(**more)
        with words.open("wb") as file, self._watching(name, environment):
            code = subprocess.run(
                [sys.executable, "-m", module, *arguments],
                cwd=self.out / "cwd",
                env=environment,
                stdout=file,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                timeout=1800,
                check=False,
            ).returncode
        self.codes.append(f"{name}: {code}")
        if wanted is not None and code != wanted:
            self.leaks.append(Leak(place="nothing", form=f"exit code {code}, not {wanted}", where=name))
        return code

    def do_all(self, name: str, verbs: list[Verb]) -> None:
        """Run verbs in one process, one after another."""
        file = self.given / f"{name}.json"
        file.write_text(json.dumps([asdict(verb) for verb in verbs]))
        self.do(name, str(file), module=DRIVER, wanted=0)
        told = (self.out / "words" / f"{len(self.codes) - 1:02}-{name}").read_text(errors="replace")
        codes = dict(re.findall(r"^== (.+): (\d+)$", told, re.MULTILINE))
        for verb in verbs:
            code = codes.get(verb.name)
            self.codes.append(f"{verb.name}: {code}")
            if code is None or verb.code not in (None, int(code)):
                self.leaks.append(Leak(place="nothing", form=f"exit code {code}, not {verb.code}", where=verb.name))

    @contextmanager
    def _watching(self, name: str, environment: Mapping[str, str]) -> Iterator[None]:
        """Look into every process below this one until the block ends."""
        own = {f"{key}={value}".encode() for key, value in environment.items()}
        over = threading.Event()

        def watch() -> None:
            while not over.wait(0.25):
                for process in _descendants(os.getpid()):
                    self._look_into(process, name, own)

        thread = threading.Thread(target=watch, daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def _look_into(self, process: int, name: str, own: set[bytes]) -> None:
        try:
            command = Path(f"/proc/{process}/cmdline").read_bytes()
            variables = set(Path(f"/proc/{process}/environ").read_bytes().split(b"\0"))
        except OSError:
            return
        self.processes.add(process)
        for what, data in (("command line", command), ("environment", b"\0".join(variables - own))):
            for place, form in self.canaries.found_in(data):
                leak = Leak(place=place, form=form, where=f"{what} of a process of {name}")
                if leak not in self.leaks:
                    self.leaks.append(leak)

    def search(self) -> None:
        self.leaks += leaks_in_folder(self.canaries, self.out)


def _descendants(root: int) -> list[int]:
    """Processes below one, as /proc has them."""
    parents: dict[int, int] = {}
    for path in Path("/proc").glob("[0-9]*"):
        try:
            after_name = (path / "stat").read_text(errors="replace").rpartition(")")[2].split()
        except OSError:
            continue
        parents[int(path.name)] = int(after_name[1])
    found, level = [], {root}
    while level:
        level = {child for child, parent in parents.items() if parent in level}
        found += level
    return found


def measure(*, times: int, seed: int, clouds: Path | None, say: Say) -> Measured:
    """Plant and search `times` times; with a clouds.yaml of a reference cloud, on that as well."""
    figures = {"places": 0, "processes": 0, "files": 0, "megabytes": 0.0, "verbs": 0}
    broken: list[str] = []
    for n in range(times):
        with TemporaryDirectory() as folder:
            bench = Bench(root=Path(folder), canaries=Canaries(seed + n))
            on_miniature_cloud(bench, say)
            if clouds:
                from tests.faults.canary_reference import on_reference_cloud

                on_reference_cloud(bench, clouds, say)
            bench.search()
            files = [path for path in bench.out.rglob("*") if path.is_file()]
            figures["places"] = max(figures["places"], len(bench.canaries.values))
            figures["processes"] += len(bench.processes)
            figures["files"] += len(files)
            figures["megabytes"] = round(figures["megabytes"] + sum(one.stat().st_size for one in files) / 1e6, 1)
            figures["verbs"] += len(bench.codes)
            broken += [f"seed {seed + n}: {leak}" for leak in bench.leaks]
            say(f"{len(bench.canaries.values)} places, {len(files)} files, {len(bench.leaks)} leaks")
    return Measured(
        fault="canary",
        times=times,
        unit="runs" if times != 1 else "run",
        holds=HOLDS,
        figures=tuple(figures.items()),
        broken=tuple(broken),
    )


def on_miniature_cloud(bench: Bench, say: Say) -> None:
    before = dict(PASSWORDS)
    cloud = CanaryCloud(bench.canaries)
    try:
        PASSWORDS["user"] = bench.canaries.odd("password")
        PASSWORDS["alt"] = bench.canaries.plain("password-of-another")
        with serving(cloud):
            _plant(bench, cloud)
            say("a run that shows everything")
            _run(bench, cloud)
            say("stored results")
            _stored(bench)
            say("what goes wrong beforehand")
            _wrong(bench, cloud)
    finally:
        PASSWORDS.update(before)


def _plant(bench: Bench, cloud: CanaryCloud) -> None:
    canaries, given = bench.canaries, bench.given
    entries = yaml.safe_load(cloud.clouds_yaml(given / "clouds.yaml", "user", "alt").read_text())
    base = entries["clouds"]["user"]
    credential = {
        "application_credential_id": "x",
        "application_credential_secret": canaries.odd("application-credential"),
    }
    auth = {"auth_url": base["auth"]["auth_url"]}
    entries["clouds"]["credential"] = base | {"auth_type": "v3applicationcredential", "auth": auth | credential}
    token = auth | {"token": canaries.plain("token-given"), "project_id": "project-1"}
    entries["clouds"]["token"] = base | {"auth_type": "v3token", "auth": token}
    wrong = base["auth"] | {"password": canaries.odd("password-wrong")}
    entries["clouds"]["wrong"] = base | {"auth": wrong}
    entries["clouds"]["plugin"] = base | {"auth_type": canaries.plain("password") + "-is-no-plugin"}
    (given / "clouds.yaml").write_text(yaml.safe_dump(entries))
    values = (canaries.odd("in-the-redact-file"), canaries.plain("in-the-redact-file-too"))
    (given / "redact.txt").write_text("".join(f"{value}\n" for value in values))
    netrc = f"machine 127.0.0.1 login me password {canaries.plain('netrc')}\n"
    (given / "home" / ".netrc").write_text(netrc)
    (given / "home" / ".netrc").chmod(0o600)
    (given / "src" / SUITE).mkdir()
    (given / "src" / SUITE / "__init__.py").touch()
    cases = CASES.read_text()
    (given / "src" / SUITE / "test_canary.py").write_text(cases)
    odd = sorted(odd_answers(canaries))
    names = [f"test_answer_{one}" for one in odd] + re.findall(r"^@case\ndef (test_\w+)", cases, re.M)
    about = {
        "uuids": dict(zip(names, _planned_ids(len(names)), strict=True)),
        "values": {place: canaries.plain(place) for place in SENT}
        | {"in-the-redact-file": canaries.odd("in-the-redact-file")},
        "url": cloud.url,
        "odd": odd,
    }
    (given / "about.json").write_text(json.dumps(about))
    cloud.put("/image/v2/images", name=f"image {values[1]}", size=1, visibility="public", disk_format="raw")
    refused = f"in use: {canaries.odd('password')} {canaries.odd('in-the-redact-file')} {canaries.plain('token-1')}"
    cloud.answer("DELETE", "/networks/", lambda _: Reply(403, {"NeutronError": {"message": refused}}))
    limits = {"message": f"no: {canaries.odd('password')} {values[0]}"}
    cloud.answer("GET", "/limits", lambda _: Reply(500, limits, {"Location": f"http://x/?token={values[1]}"}))


def _planned_ids(count: int) -> list[str]:
    """UUIDs of real tests, so that the verdict speaks of the cases."""
    plan = make_plan(*load_both(GUIDELINE, find_data(explicit=None)))
    return [one.case.id for one in plan.tests if one.required][:count]


def _run(bench: Bench, cloud: CanaryCloud) -> None:
    canaries = bench.canaries
    about, redact = str(bench.given / "about.json"), str(bench.given / "redact.txt")
    proxy = cloud.url.replace("://", f"://me:{quote(canaries.odd('password-of-the-proxy'), safe='')}@")
    arguments = [about, "run", "--cloud", "user", "--redact", redact, "-n", "2", "--out", "run"]
    environment = {"http_proxy": proxy, "OS_PASSWORD": canaries.odd("password-in-the-environment")}
    bench.do("run", *arguments, module=DRIVER, wanted=1, **environment, OS_TOKEN=canaries.plain("token-in-environment"))
    lines = (bench.out / "cwd" / "run" / "journal.jsonl").read_text().splitlines()
    planned = len(json.loads(Path(about).read_text())["uuids"])
    if len(lines) != planned + 2:
        bench.leaks.append(Leak(place="nothing", form=f"{len(lines) - 2} of {planned} cases were run", where="run"))
    bench.do("sweep", "sweep", "--cloud", "user", "--redact", redact, wanted=3)
    bench.do("dry-run", "sweep", "--cloud", "user", "--redact", redact, "--dry-run", wanted=0)


def _stored(bench: Bench) -> None:
    """Every verb that reads what a run has kept."""
    reports = [["report", "run", "--format", one] for one in ("text", "json", "md", "junit", "html")]
    formats = ("refstack", "junit", "subunit", "conformance", "shields", "csv")
    exports = [["export", "run", "--format", one, "-o", f"exported.{one}"] for one in formats]
    gates = [["gate", "run", "--baseline", "run", "--fail-on", "both", "--format", one] for one in ("text", "github")]
    files = ("json", "md", "junit", "sarif")
    gates.append(["gate", "run", "--baseline", "run", *(f"--output={one}=gate.{one}" for one in files)])
    compared = [["compare", "run", "run", "--format", one] for one in ("text", "json", "md", "csv")]
    others = [
        ["score", "run"],
        ["score", "run", "--format", "json", "--policy", "official"],
        ["explain", "run", "--whole"],
        ["explain", "run", "--format", "json"],
        ["plan", "--service", "identity"],
        ["show", "identity-v3-tokens-create"],
        ["criteria", "--results", "run"],
        ["run", "--resume", "run", "--redact", str(bench.given / "redact.txt")],
        ["pack", "run", "--product", str(bench.given / "product.yaml"), "--evidence", "all", "--allow-incomplete"],
    ]
    (bench.given / "product.yaml").write_text(PRODUCT)
    bench.do_all(
        "stored", [Verb(name=" ".join(one), arguments=one) for one in (*reports, *exports, *gates, *compared, *others)]
    )


def _wrong(bench: Bench, cloud: CanaryCloud) -> None:
    """What is told before a run: refused, unreachable, and files that cannot be read."""
    canaries, given = bench.canaries, bench.given
    redact = ["--redact", str(given / "redact.txt")]
    (given / "settings.yaml").write_text(f"image: {canaries.plain('in-the-redact-file-too')}\n")
    setting = ["--service", "identity", "--settings", str(given / "settings.yaml")]
    away = f"http://me:{canaries.plain('password-of-the-proxy-away')}@127.0.0.1:1/"
    names = (("user", 0), ("credential", 0), ("token", 0), ("wrong", 2), ("plugin", 2))
    verbs = [
        *(Verb(name=one, arguments=["check", "--cloud", one, *redact], code=code) for one, code in names),
        Verb(name="proxy", arguments=["check", "--cloud", "user"], code=3, environment={"http_proxy": away}),
        Verb(name="setting", arguments=["run", "--cloud", "user", *redact, *setting], code=2),
    ]
    for number, text in enumerate(_broken_files(canaries, cloud.url)):
        file = given / f"broken-{number}.yaml"
        file.write_text(text)
        environment = {"OS_CLIENT_CONFIG_FILE": str(file), "DEFCORE_DEBUG": "1"}
        arguments = ["check", "--cloud", "user"]
        verbs.append(Verb(name=f"broken-{number}", arguments=arguments, code=2, environment=environment))
    bench.do_all("wrong", verbs)


def _broken_files(canaries: Canaries, url: str) -> Iterator[str]:
    """A clouds.yaml that is broken at the password."""
    secret = canaries.plain("password-broken")
    for value in (
        f"*{secret}",
        f"!{secret}",
        f"%{secret}",
        f'"{secret}\\q"',
        f'"{secret}',
        f"x: {secret}: y",
        f"[{secret}",
    ):
        yield f"clouds:\n  user:\n    auth:\n      auth_url: {url}\n      username: me\n      password: {value}\n"
    yield f"clouds:\n  user:\n    auth: {secret}\n"
    yield f"clouds:\n  user: {secret}\n"
    yield f"clouds: {secret}\n"
    yield f"{secret}\n"
    yield f"clouds:\n  user:\n    auth:\n\t  password: {secret}\n"
