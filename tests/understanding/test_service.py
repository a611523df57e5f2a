"""The service as a process."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from bot.understanding.service import answer
from bot.understanding.training import TrainedModel
from tests.understanding.conftest import ROOT


def run(arguments: Sequence[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=ROOT,
    )


def lines(process: subprocess.Popen[bytes], sent: Sequence[str]) -> tuple[list[Any], str]:
    out, err = process.communicate("".join(f"{line}\n" for line in sent).encode(), timeout=120)
    return [json.loads(line) for line in out.splitlines()], err.decode()


@pytest.mark.parametrize(
    "line", ["", "{", "[]", '{"id": 1}', '{"id": 1, "texts": [1]}', '{"id": 1, "texts": 3}']
)
def test_a_bad_line_is_answered_by_the_name_of_its_fault(line: str) -> None:
    reply = answer(line.encode(), lambda texts: [[] for _ in texts])
    assert set(reply) == {"id", "error"}
    assert reply["error"].isidentifier()


def test_a_failing_model_does_not_quote_the_citizen() -> None:
    def parse(texts: Sequence[str]) -> list[list[dict[str, Any]]]:
        raise RuntimeError(f"cannot read {texts}")

    assert answer(b'{"id": 7, "texts": ["bi mat"]}', parse) == {"id": 7, "error": "RuntimeError"}


@pytest.mark.nlu
class TestProcess:
    @pytest.fixture
    def process(self, trained: TrainedModel) -> Iterator[subprocess.Popen[bytes]]:
        started = run(["-m", "bot.understanding.service", "--model", str(trained.path)])
        yield started
        started.kill()
        started.wait()

    def test_it_answers_in_order_and_survives_bad_lines(
        self, process: subprocess.Popen[bytes]
    ) -> None:
        sent = [
            json.dumps({"id": 1, "texts": ["khai sinh cần gì", "hồ sơ bí mật của Nguyễn Văn Kín"]}),
            "nonsense",
            json.dumps({"id": 2, "texts": ["\x00", "😀" * 1000, "\ud800", "a" * 1_000_000]}),
            json.dumps({"id": 3, "texts": []}),
        ]
        (ready, *answers), err = lines(process, sent)
        assert ready["ready"] is True
        assert [reply["id"] for reply in answers] == [1, None, 2, 3]
        assert [len(reply.get("results", [])) for reply in answers] == [2, 0, 4, 0]
        best = answers[0]["results"][0][0]
        assert set(best) == {"procedure", "aspect", "confidence"}
        assert best["procedure"] == "khai_sinh"
        assert "Kín" not in err
        assert "khai sinh" not in err

    def test_it_ends_when_the_pipe_closes(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(timeout=60) == 0

    def test_it_ignores_ctrl_c(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        (reply,), _ = lines(process, ['{"id": 1, "texts": []}'])
        assert reply == {"id": 1, "results": []}


@pytest.mark.nlu
def test_it_ends_when_its_parent_is_killed(trained: TrainedModel, tmp_path: Path) -> None:
    code = f"""
        import asyncio, time
        from pathlib import Path
        from bot.understanding.client import NluClient
        async def main():
            client = NluClient(lambda: Path({str(trained.path)!r}))
            client.start()
            await client.wait_ready()
            print(client.child_pid, flush=True)
            await asyncio.sleep(60)
        asyncio.run(main())
    """
    parent = run(["-c", textwrap.dedent(code)])
    assert parent.stdout is not None
    child = next(int(line) for line in parent.stdout if line.strip().isdigit())
    parent.kill()
    parent.communicate()
    deadline = time.monotonic() + 10
    while _running(child):
        assert time.monotonic() < deadline, "the child outlives its parent"
        time.sleep(0.05)


def _running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        return "(zombie)" not in Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    except (ProcessLookupError, FileNotFoundError):
        return False


@pytest.mark.nlu
def test_an_archive_that_does_not_load_is_reported(tmp_path: Path) -> None:
    broken = tmp_path / "model.tar.gz"
    broken.write_bytes(b"not an archive")
    process = run(["-m", "bot.understanding.service", "--model", str(broken)])
    (said,), _ = lines(process, [])
    assert said["ready"] is False
    assert said["error"]
    assert process.returncode == 1


@pytest.mark.nlu
def test_an_unstripped_archive_is_refused_because_it_loads_tensorflow(
    trained: TrainedModel,
) -> None:
    archive = str(trained.rasa_archive)
    (said,), _ = lines(run(["-m", "bot.understanding.service", "--model", archive]), [])
    assert said == {"ready": False, "error": "RuntimeError: the model loads TensorFlow"}
