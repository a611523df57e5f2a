"""Real peers for tests: found, started, and asked for when they are missing."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path
from typing import TypeVar

import pytest

REQUIRED = "HOTRO_REQUIRE_PEERS"
"""With this set to 1 (.ci/run) a missing peer fails the test instead of skipping it."""
POSTGRES_HINT = "PostgreSQL is not installed: apt install postgresql"
POSTGRES_USER = "postgres"

Found = TypeVar("Found")


def require(peer: Found | None, how_to_install: str) -> Found:
    """Return ``peer``, or skip the test (fail it where peers are required) when it is None."""
    if peer is not None:
        return peer
    if os.environ.get(REQUIRED) == "1":
        pytest.fail(f"{how_to_install} ({REQUIRED}=1 says that it must be there)", pytrace=False)
    pytest.skip(how_to_install)


def free_port() -> int:
    """A TCP port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def postgres_programs() -> Path | None:
    """The folder with initdb and pg_ctl: Debian keeps them out of the PATH."""
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: float(p.parts[-3])
    )
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    return Path(on_path).resolve().parent if on_path else None


class PostgresCluster:
    """A real server in a folder of its own, gone with the test run."""

    def __init__(self, programs: Path) -> None:
        self._programs = programs
        self._folder = Path(tempfile.mkdtemp(prefix="hotro-postgres-"))
        self._data = self._folder / "data"
        self.port = free_port()

    def url(self, database: str) -> str:
        """The address of one of its databases."""
        return f"postgresql://{POSTGRES_USER}@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Create and start it; returns when it answers."""
        if os.geteuid() == 0:
            shutil.chown(self._folder, POSTGRES_USER)
        self._run(
            "initdb",
            *("--pgdata", str(self._data), "--username", POSTGRES_USER),
            *("--auth", "trust", "--encoding", "UTF8", "--no-locale", "--no-sync"),
        )
        options = (
            f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=''"
            " -c fsync=off -c max_connections=200 -c shared_buffers=32MB"
        )
        log = str(self._folder / "log")
        self._run("pg_ctl", "-D", str(self._data), "-o", options, "-l", log, "-w", "start")

    def stop(self) -> None:
        """Stop it at once and remove its folder."""
        if self._data.is_dir():
            self._run("pg_ctl", "-D", str(self._data), "-m", "immediate", "-w", "stop", check=False)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _run(self, program: str, *arguments: str, check: bool = True) -> None:
        command = [str(self._programs / program), *arguments]
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            # It stands where not every PATH looks.
            sbin = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
            become = shutil.which("runuser", path=sbin) or "runuser"
            command = [become, "-u", POSTGRES_USER, "--", *command]
        # Not through pipes: the server would inherit them and keep them open.
        with (self._folder / f"{program}.out").open("wb") as out:
            done = subprocess.run(command, stdout=out, stderr=out, cwd=self._folder, check=False)
        if check and done.returncode:
            said = (self._folder / f"{program}.out").read_text(errors="replace")
            raise RuntimeError(f"{program} failed: {said.strip()[-400:]}")
