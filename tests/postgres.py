"""A PostgreSQL server of the tests' own, from the system's binaries, in a temporary folder."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_DEBIAN = Path("/usr/lib/postgresql")
_NOBODY_ELSE = "postgres"  # the server refuses to run as root


def find_binaries() -> Path | None:
    """The folder of initdb and pg_ctl, the newest one if there are several."""
    found = shutil.which("pg_ctl")
    folders = [Path(found).resolve().parent] if found else []
    folders += sorted(_DEBIAN.glob("*/bin"), reverse=True)
    return next((f for f in folders if (f / "initdb").exists() and (f / "pg_ctl").exists()), None)


@contextmanager
def server(binaries: Path) -> Iterator[str]:
    """Run a server that only this machine's own socket reaches; give the URL without a database."""
    folder = Path(tempfile.mkdtemp(prefix="posecheck-pg-"))
    if os.geteuid() == 0:
        shutil.chown(folder, _NOBODY_ELSE)
    data, log = folder / "data", folder / "log"
    try:
        _run(binaries / "initdb", "-D", data, "-U", "tester", "-A", "trust", "-E", "UTF8", "-N")
        options = f"-k {folder} -c listen_addresses='' -c fsync=off"
        _run(binaries / "pg_ctl", "-D", data, "-l", log, "-o", options, "-w", "start")
        yield f"postgresql://tester@/%s?host={folder}"
    finally:
        _run(binaries / "pg_ctl", "-D", data, "-m", "immediate", "stop", check=False)
        shutil.rmtree(folder, ignore_errors=True)


def _run(*command: object, check: bool = True) -> None:
    other: dict[str, Any] = {"user": _NOBODY_ELSE} if os.geteuid() == 0 else {}
    subprocess.run(
        list(map(str, command)),
        check=check,
        cwd="/",
        stdout=subprocess.DEVNULL,  # the server keeps it open
        stderr=subprocess.DEVNULL,
        timeout=120,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
        **other,
    )
