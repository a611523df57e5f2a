"""``python -m integrations.zalo.simulator`` in a process of its own, without hotro."""

from __future__ import annotations

import ast
import asyncio
import re
import signal
import socket
import sys
from pathlib import Path

import httpx

from integrations.zalo.simulator import Options, run
from integrations.zalo.simulator.command import main

ROOT = Path(__file__).parents[4]
LIBRARY = ("integrations/zalo/simulator", "integrations/simulation")
ALLOWED = ("oa", "simulator")


async def test_the_program(tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "integrations.zalo.simulator",
        *("--port", "0", "--state", str(tmp_path / "zalo.sqlite"), "--access-token", "my-token"),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    said = b""
    async with asyncio.timeout(30):
        while "Đặt lỗi".encode() not in said:
            said += await process.stdout.readline()
    found = re.search(r"http://127\.0\.0\.1:\d+", said.decode())
    assert found is not None
    async with httpx.AsyncClient(base_url=found[0], trust_env=False) as http:
        answer = await http.get("/v2.0/oa/getoa", headers={"access_token": "my-token"})
    assert answer.json()["data"]["oaid"] in said.decode()
    process.send_signal(signal.SIGINT)
    rest, _ = await asyncio.wait_for(process.communicate(), 20)
    assert (process.returncode, rest.decode().strip()) == (0, "Đã dừng.")


async def test_inside_another_program() -> None:
    said: list[str] = []
    stop = asyncio.Event()
    running = asyncio.create_task(run(Options(port=0, access_token="mine"), said.append, stop))
    async with asyncio.timeout(10):
        while not said:
            await asyncio.sleep(0.005)
    assert "access_token: mine" in said[0]
    stop.set()
    await asyncio.wait_for(running, 10)


def test_a_port_that_is_taken() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert main(["--port", str(taken.getsockname()[1])]) == 1


def test_nothing_of_hotro_is_inside() -> None:
    wrong = [
        f"{path.name} imports {module}"
        for folder in LIBRARY
        for path in sorted((ROOT / folder).glob("*.py"))
        for module in imported(path)
        if not allowed(module)
    ]
    assert wrong == []


def imported(path: Path) -> list[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    froms = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    plain = [
        name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names
    ]
    return froms + plain


def allowed(module: str) -> bool:
    rooms = module.split(".")
    if rooms[0] == "bot":
        return False
    if rooms[0] != "integrations":
        return True
    if rooms[1] == "zalo":
        return rooms[2] in ALLOWED
    return rooms[1] in ("fields", "bodies", "simulation")
