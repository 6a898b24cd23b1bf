"""The virtual environment in which the services run: made once from the lock file, then shared by all clouds.

It lies in the user's cache folder under a name made of the lock file's digest and the Python version, so a
new lock file never meets an old environment. A marker, written last, tells a finished one from a torso.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import importlib.util
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import platformdirs

from defcore.errors import InputError, Problem, UnknownError
from defcore.refcloud import processes
from defcore.refcloud.state import check_disk

LOCK_FILE = Path(__file__).parent / "requirements.txt"
MARKER = "complete.json"
MAKING = "DEFCORE_REFCLOUD_MAKES"
"""Variable of every process that makes an environment: its folder. So they are found if we are killed."""
LEAST_FREE_BYTES = 2 << 30
OLDEST, NEWEST = (3, 11), (3, 13)
MACHINES = ("x86_64", "aarch64")
# Not compiled: nobody imports the packages' own tests, and they are half of the code.
NOT_COMPILED = r"/(tests|test)/"
# Settings of the installers that would put the packages somewhere else.
MISLEADING = ("PIP_TARGET", "PIP_PREFIX", "PIP_USER", "PIP_ROOT", "PIP_REQUIRE_VIRTUALENV", "PIP_PYTHON",
              "UV_PYTHON", "UV_PROJECT_ENVIRONMENT", "UV_SYSTEM_PYTHON", "VIRTUAL_ENV")  # fmt: skip

NETWORK_HINT = "check the network, and the package index that pip or uv is told to use, then repeat"

Report = Callable[[str], None]
"""Is told, in one line, what is being done now."""


def release() -> str:
    """A digest of the exact packages that this version of defcore runs."""
    return hashlib.sha256(LOCK_FILE.read_bytes()).hexdigest()[:16]


def folder() -> Path:
    """Where the environment for this Python is, or will be."""
    python = f"{platform.python_version()}-{sysconfig.get_config_var('SOABI')}-{sys.base_prefix}"
    name = hashlib.sha256(f"{release()}\n{python}".encode()).hexdigest()[:16]
    return platformdirs.user_cache_path("defcore", appauthor=False) / "refcloud" / name


def check_platform(
    system: str = sys.platform,
    machine: str = platform.machine(),
    implementation: str = sys.implementation.name,
    version: tuple[int, ...] = sys.version_info[:2],
) -> None:
    """Raise, naming all reasons, where the cloud's packages have no wheels."""
    reasons = []
    if system != "linux":
        reasons.append(("refcloud.system", f"the reference cloud runs on Linux, not on {system}"))
    elif machine not in MACHINES:
        reasons.append(("refcloud.machine", f"it needs an x86-64 or arm64 machine, not {machine}"))
    if implementation != "cpython" or not OLDEST <= tuple(version[:2]) <= NEWEST:
        found = f"{implementation} {'.'.join(map(str, version[:2]))}"
        reasons.append(("refcloud.python", f"it needs CPython 3.11, 3.12 or 3.13, not {found}"))
    if reasons:
        hint = "install defcore where these hold; `defcore run` itself needs no reference cloud"
        raise InputError(*(Problem(code=code, message=text, hint=hint) for code, text in reasons))


def ensure(report: Report, *, rebuild: bool = False) -> Path:
    """The environment, made now if need be. It returns the folder."""
    check_platform()
    target = folder()
    with _locked(target, report):
        if _end_makers(target):  # they would go on writing while it is made again
            report("ended what another command, which was killed, left at work")
        if rebuild or not (target / MARKER).is_file():
            _make(target, report)
        else:
            _check(target)
    return target


def end_left_makers(report: Report) -> int:
    """End what makes the environment although the command that started it was killed; say how many processes.

    Nothing is ended while a command is alive that makes it.
    """
    target = folder()
    try:
        file = target.with_suffix(".lock").open("w")
    except OSError:  # no environment was ever made here
        return 0
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return 0
        ended = _end_makers(target)
    if ended:
        report("ended what was making the environment for a command that was killed")
    return ended


def _end_makers(target: Path) -> int:
    return processes.end_all(lambda: processes.with_variable(MAKING, str(target)))


def python(environment: Path) -> Path:
    return environment / "bin" / "python"


def packages_folder(environment: Path) -> Path:
    return environment / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}" / "site-packages"


@contextlib.contextmanager
def _locked(target: Path, report: Report) -> Iterator[None]:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        file = target.with_suffix(".lock").open("w")
    except OSError as error:
        raise InputError(
            Problem(
                code="refcloud.cache-unusable",
                message=f"the cache folder cannot be used: {error.strerror}",
                where=str(target.parent),
                hint="set XDG_CACHE_HOME to a folder that you may write to",
            )
        ) from None
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            report("waiting for another command that makes the environment")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _make(target: Path, report: Report) -> None:
    check_disk(target.parent, LEAST_FREE_BYTES)
    if target.exists():
        report("removing an unfinished or broken environment")
        shutil.rmtree(target)
    uv = find_uv()
    report(f"making a virtual environment in {target}")
    if uv:
        _call([uv, "venv", "--quiet", "--no-project", "--no-config", "--python", sys.executable, str(target)], target)
    else:
        _call([sys.executable, "-m", "venv", str(target)], target, hint="install uv, or Python's venv module")
    installer = "uv" if uv else "pip (with uv it would be much faster: install defcore[refcloud])"
    report(f"installing {len(locked_packages())} packages with {installer}")
    exact = ["--no-deps", "--require-hashes", "--only-binary", ":all:", "--requirement", str(LOCK_FILE)]
    if uv:
        _call([uv, "pip", "install", "--quiet", "--python", str(python(target)), *exact], target, cwd=target)
    else:
        quiet = ["--quiet", "--disable-pip-version-check", "--no-input", "--no-compile"]
        _call([str(python(target)), "-m", "pip", "install", *quiet, *exact], target, cwd=target)
    report("compiling the packages' bytecode")
    compile_all = ["-m", "compileall", "-q", "-j", "0", "-x", NOT_COMPILED, str(packages_folder(target))]
    # Some packages ship templates that are no valid Python: its exit code says so, and does not matter.
    _call([str(python(target)), *compile_all], target, check=False)
    marker = {"release": release(), "packages": sorted(_installed(target))}
    unfinished = target / f"{MARKER}.unfinished"
    unfinished.write_text(json.dumps(marker))
    unfinished.replace(target / MARKER)


def _check(target: Path) -> None:
    """Raise if a finished environment has lost something since: its Python, or packages."""
    try:
        had = set(json.loads((target / MARKER).read_text())["packages"])
        lost = had - _installed(target)
    except (OSError, ValueError, KeyError):
        lost = {MARKER}
    if not os.access(python(target), os.X_OK):
        lost.add("bin/python")
    if lost:
        names = ", ".join(sorted(lost)[:5]) + (" ..." if len(lost) > 5 else "")
        raise broken(target, f"it lacks {names}")


def broken(target: Path, reason: str) -> InputError:
    """The error for an environment that once was whole."""
    return InputError(
        Problem(
            code="refcloud.environment-broken",
            message=f"the reference cloud's environment is broken: {reason}",
            where=str(target),
            hint="`defcore cloud up --rebuild` makes it again",
        )
    )


def _installed(target: Path) -> set[str]:
    """What lies in site-packages: top-level packages as well as their metadata."""
    try:
        return {one.name for one in packages_folder(target).iterdir() if one.name != "__pycache__"}
    except OSError:
        return set()


def locked_packages() -> list[str]:
    """`name==version` of every package of the lock file."""
    return re.findall(r"^([\w.-]+==[^\s;]+)", LOCK_FILE.read_text(), flags=re.MULTILINE)


def find_uv() -> str | None:
    """The uv program: that of the Python package, else one on the PATH."""
    if importlib.util.find_spec("uv"):
        import uv  # noqa: PLC0415 - an optional dependency

        with contextlib.suppress(FileNotFoundError):
            return str(uv.find_uv_bin())
    return shutil.which("uv")


def clean_variables(variables: Mapping[str, str]) -> dict[str, str]:
    """The environment variables for making the environment: proxies and indexes stay, what misleads goes."""
    return {
        name: value for name, value in variables.items() if not name.startswith("PYTHON") and name not in MISLEADING
    }


def _call(
    command: list[str], target: Path, *, check: bool = True, cwd: Path | None = None, hint: str = NETWORK_HINT
) -> None:
    """Run a step of making the environment `target`. Raises UnknownError if it fails."""
    done = subprocess.run(
        command, env=clean_variables(os.environ) | {MAKING: str(target)}, cwd=cwd, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, errors="replace", check=False)  # fmt: skip
    if check and done.returncode:
        said = (done.stderr.strip() or done.stdout.strip()).splitlines()[-12:]
        raise UnknownError(
            Problem(
                code="refcloud.install-failed",
                message=f"`{Path(command[0]).name} {' '.join(command[1:3])}` failed:\n  " + "\n  ".join(said),
                hint=hint,
            )
        )
