"""A full disk; docs/faults.md has more."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from tests.conftest import ReferenceCloud
from tests.faults.full_disk import measure


def small_disks() -> bool:
    """Whether a small file system can be made here."""
    if shutil.which("unshare") is None:
        return False
    probe = "mount -t tmpfs -o size=4k tmpfs /mnt"
    done = subprocess.run(["unshare", "--map-root-user", "--mount", "sh", "-c", probe], check=False)
    return done.returncode == 0


@pytest.mark.refcloud
@pytest.mark.slow
@pytest.mark.skipif(not small_disks(), reason="not run: no mount namespace")
def test_a_full_disk_is_told_and_the_run_resumed(reference_cloud: ReferenceCloud) -> None:
    measured = measure(times=1, seed=2, clouds=reference_cloud.clouds_file, say=print)
    assert measured.broken == ()
