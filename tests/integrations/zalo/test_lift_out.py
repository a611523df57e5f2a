"""The protocol library and its simulator work without anything else of this project.

They are copied to an empty folder; a process that can import nothing but that copy and its
third-party libraries connects by OAuth, sends, and checks the signature of a webhook.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
TAKEN = (
    "__init__.py",
    "fields.py",
    "bodies.py",
    "simulation",
    "zalo/__init__.py",
    "zalo/oa",
    "zalo/simulator",
)
REFUSED = ("bot", "actions", "console", "demo", "bench", "tests", "sqlalchemy", "rasa")
SECONDS = 60

GUARDED = """
import sys
from importlib.abc import MetaPathFinder

class Refusing(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {refused!r}:
            raise ImportError(f"{{name}} does not belong to the library")
        return None

sys.meta_path.insert(0, Refusing())
"""

PROGRAM = """
import asyncio, importlib, json, pkgutil
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import httpx
from aiohttp import web

import integrations
from integrations.fields import scalar
from integrations.simulation.clock import MachineClock
from integrations.zalo.oa import events, signature
from integrations.zalo.oa.client import Hosts, OaClient
from integrations.zalo.oa.messages import Button
from integrations.zalo.oa.oauth import OAuthClient, challenge, consent_url, new_verifier
from integrations.zalo.oa.token_store import MemoryTokenStore, adopt
from integrations.zalo.oa.tokens import TokenKeeper
from integrations.zalo.simulator import ZaloSimulator

for module in pkgutil.walk_packages(integrations.__path__, "integrations."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)

APP, OA, USER = "11", "22", "33"
BACK = "http://127.0.0.1/back"

def now():
    return datetime.now(UTC)

async def consent(http, address):
    verifier = new_verifier()
    url = consent_url(APP, BACK, "s1", code_challenge=challenge(verifier), host=address)
    page = await http.get(url)
    assert page.status_code == 200 and "Đồng ý" in page.text
    agreed = await http.post(url, data=dict(httpx.URL(url).params))
    came = parse_qs(urlsplit(agreed.headers["Location"]).query)
    assert came["state"] == ["s1"] and came["oa_id"] == [OA]
    return came["code"][0], verifier

async def main():
    taken = asyncio.Queue()

    async def hook(request):
        await taken.put((request.headers.get(signature.HEADER, ""), await request.read()))
        return web.Response()

    simulator = ZaloSimulator(
        MachineClock(), "", app_id=APP, oa_id=OA, oa_secret="key", app_secret="geheim",
        redirect_uri=BACK,
    )
    app = web.Application()
    app.router.add_post("/hook", hook)
    app.add_subapp("/zalo", simulator.app())
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    base = f"http://127.0.0.1:{runner.addresses[0][1]}"
    simulator.courier.url = f"{base}/hook"
    async with httpx.AsyncClient(trust_env=False) as http:
        code, verifier = await consent(http, f"{base}/zalo")
        oauth = OAuthClient(APP, "geheim", http, now, host=f"{base}/zalo")
        store = MemoryTokenStore(now)
        await adopt(store, OA, await oauth.exchange(code, verifier))
        keeper = TokenKeeper(store, oauth, OA, now)
        oa = OaClient(APP, keeper, http, Hosts.at(f"{base}/zalo"), app_secret="geheim")

        simulator.world.type(USER, "chào")
        header, raw = await taken.get()
        body = json.loads(raw)
        stamp = scalar(body["timestamp"])
        assert signature.verify(header, APP, raw, stamp, "key")
        assert not signature.verify(header, APP, raw + b" ", stamp, "key")
        heard = events.parse(body)
        assert (heard.name, heard.user, heard.text) == ("user_send_text", USER, "chào")

        sent = await oa.send_text(USER, "Chào bà con", [Button.query("Có", "k:1")])
        assert sent.message_id and simulator.world.sends == {USER: 1}
    await runner.cleanup()
    print("ok")

asyncio.run(main())
"""


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The library alone, in a folder that holds nothing else."""
    target = tmp_path_factory.mktemp("lifted")
    for name in TAKEN:
        source, there = ROOT / "integrations" / name, target / "integrations" / name
        if source.is_dir():
            shutil.copytree(source, there, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            there.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, there)
    return target


def run(folder: Path, program: str) -> subprocess.CompletedProcess[str]:
    """Run ``program`` where only ``folder`` and third-party libraries can be imported.

    ``-P`` keeps the working directory out, and the editable install of this project leads to
    the repository: it is taken out of the path.
    """
    leave = f"sys.path[:] = [p for p in sys.path if p != {str(ROOT)!r}]\n"
    path = f"sys.path.insert(0, {str(folder)!r})\n"
    guard = GUARDED.format(refused=set(REFUSED))
    own = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return subprocess.run(
        [sys.executable, "-P", "-c", guard + leave + path + textwrap.dedent(program)],
        cwd=folder,
        env=own | {"no_proxy": "127.0.0.1", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


def test_the_library_and_its_simulator_work_alone(copy: Path) -> None:
    done = run(copy, PROGRAM)
    assert (done.returncode, done.stdout.strip()) == (0, "ok"), done.stderr[-3000:]


@pytest.mark.parametrize("module", ["bot.messages", "sqlalchemy", "rasa"])
def test_the_guard_of_this_test_refuses(copy: Path, module: str) -> None:
    done = run(copy, f"import {module}")
    assert done.returncode == 1
    assert "does not belong to the library" in done.stderr


def test_the_copy_is_what_runs(copy: Path) -> None:
    done = run(copy, "import integrations.zalo.oa as oa; print(oa.__file__)")
    assert Path(done.stdout.strip()).is_relative_to(copy)
