"""The record in which a service says which process it is, so that `defcore cloud` finds it again."""

import json
import os
import pathlib


def write(name, *, listening):
    """Write the process's id, its start and the machine's boot, since ids are used again.

    The working directory is the state folder.
    """
    stat = pathlib.Path("/proc/self/stat").read_text()
    ticks = int(stat.rpartition(")")[2].split()[19])
    boot = pathlib.Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    path = pathlib.Path("run", f"{name}.json")
    unfinished = path.with_suffix(f".{os.getpid()}")
    unfinished.write_text(json.dumps({"pid": os.getpid(), "started": ticks, "boot": boot, "listening": listening}))
    unfinished.replace(path)
