"""A real ``hotro demo`` in a process of its own, that can be killed and started again."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx

from tests.peers import free_port

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 120.0


class RunningDemo:
    """``hotro demo`` on the data folder ``folder``, with the models of this checkout.

    Args:
        folder: stays when the process is killed; the next start goes on with it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self._port = free_port()
        folder.mkdir(parents=True, exist_ok=True)
        models = folder / "models"
        if not models.exists():
            models.symlink_to(ROOT / "var" / "models", target_is_directory=True)

    @property
    def url(self) -> str:
        """The address of its page, without a slash at the end."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def is_running(self) -> bool:
        """Whether the process lives."""
        return self._process is not None and self._process.poll() is None

    def start(self, until: str = "/readyz") -> None:
        """Start it and return when ``until`` answers 200.

        /healthz is the page, /readyz the model as well.
        """
        own = {
            "PYTHONPATH": str(ROOT),
            "RASA_TELEMETRY_ENABLED": "false",
            "HOTRO_DATA_DIR": str(self._folder),
            # What a killed sender was about to send is looked up sooner than in real life.
            "HOTRO_LEASE_SECONDS": "10",
        }
        kept = {k: v for k, v in os.environ.items() if not k.startswith("HOTRO_")}
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "bot.cli", "demo", "--port", str(self._port)],
                cwd=self._folder,  # where no hotro.toml lies
                env=kept | own,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.wait(until)

    def wait(self, path: str = "/readyz") -> None:
        """Return when ``path`` answers 200."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if not self.is_running:
                raise RuntimeError(f"hotro demo ended by itself:\n{self.log()}")
            if self._answers(path):
                return
            time.sleep(0.1)
        raise RuntimeError(f"hotro demo: no {path} within {PATIENCE:.0f} s:\n{self.log()}")

    def kill(self) -> None:
        """SIGKILL to the process itself; its child has to notice by itself."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        """End it and whatever it started."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def log(self) -> str:
        """What it wrote, over all its starts."""
        return self._log.read_text(errors="replace") if self._log.exists() else ""

    @property
    def _log(self) -> Path:
        return self._folder / "demo.log"

    def _answers(self, path: str) -> bool:
        try:
            return httpx.get(self.url + path, timeout=5).status_code == 200
        except httpx.TransportError:
            return False
