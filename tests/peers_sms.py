"""Real SMS programs for tests, started in folders of their own on free ports.

Kannel: bearerbox (towards operators), smsbox (towards us) and fakesmsc, an operator with one
phone; it takes and gives messages as lines of text.

gammu-smsd: the daemon of a modem, with gammu's dummy phone and SQLite.
"""

from __future__ import annotations

import re
import shutil
import socket
import sqlite3
import subprocess
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import quote_from_bytes, unquote_to_bytes

KANNEL_HINT = "Kannel is not installed: apt install kannel kannel-extras"
PATIENCE = 20.0
_GOT = re.compile(r"Got message \d+: <(.*?)>$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class KannelPrograms:
    """Where its three programs are."""

    bearerbox: str
    smsbox: str
    fakesmsc: str


def kannel_programs() -> KannelPrograms | None:
    """Kannel, when this machine has it; Debian keeps parts of it out of the PATH."""
    sbin = "/usr/sbin:/sbin:/usr/bin:/usr/local/sbin"
    bearerbox, smsbox = shutil.which("bearerbox", path=sbin), shutil.which("smsbox", path=sbin)
    fakesmsc = Path("/usr/lib/kannel/test/fakesmsc")
    if bearerbox is None or smsbox is None or not fakesmsc.is_file():
        return None
    return KannelPrograms(bearerbox, smsbox, str(fakesmsc))


class Kannel:
    """One Kannel with a line to fakesmsc, on ``port``; ``configuration`` lacks that line only."""

    def __init__(
        self, programs: KannelPrograms, folder: Path, configuration: str, smsc_port: int
    ) -> None:
        self._programs = programs
        self._folder = folder
        self._smsc_port = smsc_port
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._logs: list[Path] = []
        self._from = 0
        line = f"\ngroup = smsc\nsmsc = fake\nsmsc-id = fake\nport = {smsc_port}\n"
        (folder / "kannel.conf").write_text(
            configuration + line + "connect-allow-ip = 127.0.0.1\n", encoding="utf-8"
        )

    def start(self, box_port: int, sendsms_port: int) -> None:
        """Start bearerbox, then smsbox; returns when sendsms answers."""
        self._run("bearerbox", self._programs.bearerbox, "kannel.conf")
        wait_for_port(box_port)
        self._run("smsbox", self._programs.smsbox, "kannel.conf")
        wait_for_port(sendsms_port)

    def stop(self) -> None:
        """Stop everything that runs."""
        for name in ("fakesmsc", "smsbox", "bearerbox"):
            self.end(name)

    # --- the phone behind fakesmsc --------------------------------------------------

    def connect(self, *messages: str) -> None:
        """The operator comes online and hands in ``messages``, in fakesmsc's own words."""
        self.end("fakesmsc")
        self._logs.append(self._folder / f"fakesmsc-{len(self._logs)}.log")
        port, count = str(self._smsc_port), str(len(messages))
        arguments = ["-r", port, "-i", "0.05", "-m", count, *(messages or ("1 2 text none",))]
        self._run("fakesmsc", self._programs.fakesmsc, *arguments, log=self._logs[-1])

    def write(self, sender: str, to: str, text: str) -> None:
        """The phone ``sender`` writes; what is not ASCII goes out as UCS-2."""
        self.connect(written(sender, to, text))

    def received(self) -> list[str]:
        """The texts that arrived at the phone since :meth:`forget`, long ones put together."""
        return _texts(self._lines()[self._from :])

    def forget(self) -> None:
        """Leave out what arrived until now."""
        self._from = len(self._lines())

    def wait_for(self, name: str, words: str) -> None:
        """Return when one of the programs has said so since it was started (or ever, smsbox)."""
        log = self._logs[-1] if name == "fakesmsc" else self._folder / f"{name}.log"
        end = time.monotonic() + PATIENCE
        while words not in log.read_text(errors="replace"):
            if time.monotonic() > end:
                raise TimeoutError(f"{name} did not say: {words}")
            time.sleep(0.05)

    def end(self, name: str) -> None:
        """Stop one of the programs."""
        process = self._running.pop(name, None)
        if process is None:
            return
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _lines(self) -> list[str]:
        logs = [log.read_text(errors="replace") for log in self._logs if log.exists()]
        return [line for log in logs for line in _GOT.findall(log)]

    def _run(self, name: str, program: str, *arguments: str, log: Path | None = None) -> None:
        with (log or self._folder / f"{name}.log").open("ab") as out:
            self._running[name] = subprocess.Popen(
                [program, *arguments], stdout=out, stderr=out, cwd=self._folder
            )


def written(sender: str, to: str, text: str) -> str:
    """A message in the words of fakesmsc."""
    if text.isascii():
        return f"{sender} {to} text {text}"
    return f"{sender} {to} ucs2 {quote_from_bytes(text.encode('utf-16-be'), safe='')}"


def wait_for_port(port: int) -> None:
    """Return when somebody listens there; fails after :data:`PATIENCE` seconds."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)


def _texts(lines: list[str]) -> list[str]:
    """Each message once, when all of its parts are there, in order of its first part."""
    whole: dict[object, dict[int, str]] = {}
    totals: dict[object, int] = {}
    for n, line in enumerate(lines):
        _, _, kind, rest = line.split(" ", 3)
        if kind != "udh":
            whole[n] = {1: rest if kind == "text" else _decoded(rest)}
            continue
        header, _, data = rest.split(" ", 2)
        reference, total, number = unquote_to_bytes(header.replace("+", " "))[-3:]
        whole.setdefault(("udh", reference), {})[number] = _decoded(data)
        totals["udh", reference] = total
    return [
        "".join(parts[n] for n in sorted(parts))
        for name, parts in whole.items()
        if len(parts) >= totals.get(name, 1)
    ]


def _decoded(data: str) -> str:
    raw = unquote_to_bytes(data.replace("+", " "))
    # fakesmsc does not say which of the two a part of a long message is.
    return raw.decode("utf-16-be" if b"\x00" in raw else "utf-8")


# --- gammu-smsd ---------------------------------------------------------------------------

GAMMU_HINT = "gammu-smsd is not installed: apt install gammu-smsd libdbd-sqlite3"
GAMMU_TABLES = Path("/usr/share/doc/gammu-smsd/examples/sqlite.sql")
GAMMU_PHONE = "sim1"
GAMMU_CENTRE = "123456"
"""The message centre of the dummy phone; a report from another one is not matched."""


def gammu_programs() -> Path | None:
    """gammu-smsd, when its SQLite driver and its tables are there as well."""
    program = shutil.which("gammu-smsd")
    drivers = list(Path("/usr/lib").glob("*/dbd/libdbdsqlite3.so"))
    return Path(program) if program and drivers and GAMMU_TABLES.is_file() else None


class GammuSmsd:
    """The real daemon on gammu's own dummy phone, with SQLite.

    The phone is a folder: a file that is put into it is an SMS that arrived. What the daemon
    sends is encoded for the air and dropped.
    """

    def __init__(self, program: Path, folder: Path) -> None:
        self._program = program
        self._folder = folder
        self._phone = folder / "phone"
        self._daemon: subprocess.Popen[bytes] | None = None
        self._arrived = 0
        self.database = folder / "smsd.db"
        for number in range(1, 6):
            (self._phone / "sms" / str(number)).mkdir(parents=True)
        connection = sqlite3.connect(self.database)
        connection.executescript(GAMMU_TABLES.read_text(encoding="utf-8"))
        connection.execute("PRAGMA journal_mode=WAL")
        connection.close()

    def start(self) -> None:
        """Returns when it has told of its modem."""
        settings = self._folder / "smsdrc"
        settings.write_text(
            f"[gammu]\nmodel = dummy\nconnection = none\ndevice = {self._phone}\n"
            "gammuloc = /dev/null\n"
            "[smsd]\nService = sql\nDriver = sqlite3\n"
            f"DBDir = {self._folder}\nDatabase = {self.database.name}\n"
            f"LogFile = {self._folder / 'log'}\nPhoneID = {GAMMU_PHONE}\n"
            "LoopSleep = 1\nReceiveFrequency = 0\nCommTimeout = 0\nStatusFrequency = 1\n"
            "DeliveryReport = log\nMaxRetries = 1\nRetryTimeout = 1\nMultipartTimeout = 2\n",
            encoding="utf-8",
        )
        quiet = subprocess.DEVNULL
        command = [str(self._program), "--config", str(settings)]
        self._daemon = subprocess.Popen(command, stdout=quiet, stderr=quiet)
        ends = time.monotonic() + PATIENCE
        while not self.rows("SELECT 1 FROM phones"):
            if time.monotonic() > ends:
                raise RuntimeError("gammu-smsd did not tell of its modem")
            time.sleep(0.1)

    def stop(self) -> None:
        """End it; its database stays."""
        if self._daemon is not None:
            self._daemon.terminate()
            self._daemon.wait(PATIENCE)
            self._daemon = None

    def receive(self, sender: str, text: str, header: str = "") -> None:
        """An SMS (one part, with its header in hex) arrives at the phone."""
        coding = "Default" if text.isascii() else "Unicode"
        fields = {
            "PDU": "Deliver",
            "SMSC": '"+84980200030"',
            "State": "UnRead",
            "Number": f'"{sender}"',
            "Coding": f"{coding}_No_Compression",
        }
        self._arrive(fields | ({"UDH": header} if header else {}) | _backup_text(text))

    def report(self, number: str, said: str = "Delivered") -> None:
        """The network tells what became of what was sent to ``number``."""
        fields = {
            "PDU": "Status_Report",
            "SMSC": f'"{GAMMU_CENTRE}"',
            "State": "UnRead",
            "Number": f'"{number}"',
            "Coding": "Unicode_No_Compression",
            "MessageReference": "255",
        }
        self._arrive(fields | _backup_text(said))

    def rows(self, query: str, *values: object) -> list[tuple[object, ...]]:
        """Ask, or change, its database."""
        connection = sqlite3.connect(self.database, timeout=PATIENCE)
        try:
            with connection:
                return connection.execute(query, values).fetchall()
        finally:
            connection.close()

    def _arrive(self, fields: dict[str, str]) -> None:
        self._arrived += 1
        moment = datetime.now().astimezone().strftime("%Y%m%dT%H%M%S")
        fields |= {"Folder": "1", "Class": "-1", "DateTime": moment}
        lines = ["[SMSBackup000]", *(f"{name} = {value}" for name, value in fields.items())]
        # Renamed into its place: the daemon must not read half a file.
        fresh = self._phone / "fresh"
        fresh.write_text("\n".join(lines) + "\n", encoding="utf-8")
        fresh.rename(self._phone / "sms" / "1" / str(self._arrived))


def _backup_text(text: str) -> dict[str, str]:
    """As gammu's backup format writes it: UTF-16 in hex, 200 digits a line."""
    digits = text.encode("utf-16-be", "surrogatepass").hex().upper()
    lines = {f"Text{at // 200:02}": digits[at : at + 200] for at in range(0, len(digits), 200)}
    return {"Length": str(len(digits) // 4), **lines}
