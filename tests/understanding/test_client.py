from __future__ import annotations

import asyncio
import os
import signal
import stat
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from bot.understanding.client import NluClient, NluUnavailable
from bot.understanding.facade import Understander
from tests.understanding.conftest import QUICK, ROOT

# A stand-in for the service that needs no model: what it does is in the model's name.
FAKE = """#!{python}
import json, os, sys, time
model = sys.argv[sys.argv.index("--model") + 1]
if "broken" in model:
    print(json.dumps({{"ready": False, "error": "ValueError: broken"}}), flush=True)
    sys.exit(1)
print(json.dumps({{"ready": True, "rss_mb": 1}}), flush=True)
for line in sys.stdin:
    request = json.loads(line)
    texts = request["texts"]
    if "die" in texts:
        os._exit(9)
    if "hang" in texts:
        time.sleep(60)
    if "bad" in texts:
        print(json.dumps({{"id": request["id"], "error": "ValueError"}}), flush=True)
        continue
    results = [[{{"procedure": "none", "aspect": "chao", "confidence": len(texts) / 100}}]
               for text in texts]
    print(json.dumps({{"id": request["id"], "results": results}}), flush=True)
"""

Make = Callable[..., NluClient]


@pytest.fixture
def python(tmp_path: Path) -> str:
    path = tmp_path / "python"
    path.write_text(FAKE.format(python=sys.executable), encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


@pytest.fixture
async def make(python: str) -> AsyncIterator[Make]:
    made: list[NluClient] = []

    def build(model: Callable[[], Path | None] | None = None, answer: float = 5.0) -> NluClient:
        from dataclasses import replace

        provider = model or (lambda: Path("/m/one/model.tar.gz"))
        made.append(NluClient(provider, python, replace(QUICK, answer=answer)))
        made[-1].start()
        return made[-1]

    yield build
    for client in made:
        await client.stop()


async def test_start_returns_at_once_and_parse_waits(make: Make) -> None:
    client = make()
    states = [client.state]
    assert [len(ranked) for ranked in await client.parse(["a", "b"])] == [1, 1]
    states.append(client.state)
    assert states == ["loading", "ready"]
    assert client.reason == ""


async def test_no_texts_need_no_model() -> None:
    assert await NluClient(lambda: None).parse([]) == []


async def test_calls_at_the_same_time_share_a_request(make: Make) -> None:
    client = make()
    await client.wait_ready(10)
    answers = await asyncio.gather(*(client.parse([str(n)]) for n in range(130)))
    sizes = {round(answer[0][0].confidence * 100) for answer in answers}
    assert max(sizes) > 30
    assert max(sizes) <= 64


async def test_many_texts_are_split_into_requests(make: Make) -> None:
    ranked = await make().parse(["x"] * 150)
    assert [round(r[0].confidence * 100) for r in ranked] == [64] * 128 + [22] * 22


async def test_without_a_model_it_says_what_to_do(make: Make) -> None:
    client = make(lambda: None)
    with pytest.raises(NluUnavailable, match="missing"):
        await client.parse(["a"])
    await asyncio.sleep(0.05)
    assert (client.state, client.reason) == ("missing", "no trained model; run: hotro train")
    with pytest.raises(NluUnavailable, match="not ready"):
        await client.wait_ready(0.05)


async def test_a_model_that_appears_is_loaded(make: Make) -> None:
    models: list[Path | None] = [None]
    client = make(lambda: models[0])
    await asyncio.sleep(0.1)
    models[0] = Path("/m/first/model.tar.gz")
    await client.wait_ready(10)
    assert client.model == models[0]


async def test_a_new_model_replaces_the_old_without_a_gap(make: Make) -> None:
    models = [Path("/m/one/model.tar.gz")]
    client = make(lambda: models[0])
    await client.wait_ready(10)
    before = client.child_pid
    models[0] = Path("/m/two/model.tar.gz")
    while client.model != models[0]:
        assert client.state == "ready"
        await client.parse(["x"])
        await asyncio.sleep(0.01)
    assert client.child_pid != before
    assert await client.parse(["x"])


async def test_a_new_model_that_does_not_load_changes_nothing(make: Make) -> None:
    models = [Path("/m/one/model.tar.gz")]
    client = make(lambda: models[0])
    await client.wait_ready(10)
    models[0] = Path("/m/broken/model.tar.gz")
    await asyncio.sleep(1)
    assert client.model == Path("/m/one/model.tar.gz")
    assert await client.parse(["x"])


async def test_a_model_that_never_loads_ends_as_failed(make: Make) -> None:
    client = make(lambda: Path("/m/broken/model.tar.gz"))
    with pytest.raises(NluUnavailable, match="failed: ValueError: broken"):
        await client.parse(["waiting since the start"])
    assert client.state == "failed"
    with pytest.raises(NluUnavailable, match="failed"):
        await client.parse(["later"])


async def test_an_interpreter_that_does_not_exist_is_a_failure(tmp_path: Path) -> None:
    client = NluClient(lambda: Path("/m/x"), str(tmp_path / "nothing"), QUICK)
    client.start()
    with pytest.raises(NluUnavailable, match="failed"):
        await client.parse(["x"])
    await client.stop()


async def test_a_killed_child_is_replaced(make: Make) -> None:
    client = make()
    await client.wait_ready(10)
    before = client.child_pid
    assert before is not None
    os.kill(before, signal.SIGKILL)
    assert await client.parse(["x"])
    assert client.child_pid != before


async def test_a_text_that_kills_the_child_twice_is_given_up(make: Make) -> None:
    client = make()
    with pytest.raises(NluUnavailable):
        await client.parse(["die"])
    assert await client.parse(["x"])


async def test_a_silent_child_is_replaced(make: Make) -> None:
    client = make(answer=0.3)
    with pytest.raises(NluUnavailable, match="no answer within"):
        await client.parse(["hang"])
    assert await client.parse(["x"])


async def test_a_text_the_model_refuses_has_no_labels_and_harms_no_other(make: Make) -> None:
    client = make()
    ranked = await client.parse(["x", "bad", "y"])
    assert [len(labels) for labels in ranked] == [1, 0, 1]
    assert (await Understander(client).understand("bad")).decision == "handover"


async def test_a_caller_that_gives_up_harms_no_other(make: Make) -> None:
    client = make()
    waiting = asyncio.create_task(client.parse(["x"]))
    await asyncio.sleep(0)
    waiting.cancel()
    assert await client.parse(["y"])


async def test_stop_refuses_what_waits_and_ends_the_child(make: Make) -> None:
    client = make()
    await client.wait_ready(10)
    pid = client.child_pid
    assert pid is not None
    waiting = asyncio.create_task(client.parse(["hang"]))
    await asyncio.sleep(0.1)
    await client.stop()
    with pytest.raises(NluUnavailable):
        await waiting
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_keywords_need_no_model() -> None:
    meant = await Understander(NluClient(lambda: None)).understand("KS")
    assert (meant.procedure, meant.keyword) == ("khai_sinh", "khai_sinh")
    with pytest.raises(NluUnavailable):
        await Understander(NluClient(lambda: None)).understand("khai sinh cho con em")


@pytest.mark.nlu
async def test_questions_are_understood_through_the_real_service(client: NluClient) -> None:
    texts = ["KS PHI", "làm khai sinh cho con cần giấy tờ gì", "", "\x00", "cảm ơn nhiều ạ"]
    meant = await Understander(client).understand_many(texts)
    assert [m.text for m in meant] == texts
    assert [(m.procedure, m.aspect) for m in meant[:2]] == [
        ("khai_sinh", "le_phi"),
        ("khai_sinh", "ho_so"),
    ]
    assert [m.decision for m in meant] == ["answer", "answer", "handover", "handover", "smalltalk"]


@pytest.mark.nlu
async def test_the_real_service_survives_odd_texts_and_a_kill(client: NluClient) -> None:
    odd = ["a " * 500_000, "😀" * 10_000, "\ud800", "‮đảo ngược", "x" * 1_000_000]
    assert len(await client.parse(odd)) == len(odd)
    assert client.child_pid is not None
    os.kill(client.child_pid, signal.SIGKILL)
    assert (await client.parse(["khai tử ở đâu"]))[0][0].procedure == "khai_tu"


def test_the_web_process_stays_light() -> None:
    heavy = ("rasa", "tensorflow", "sklearn", "underthesea", "numpy", "scipy")
    code = (
        "import sys; import bot.understanding.client, bot.understanding.facade, "
        "bot.understanding.types, bot.understanding.keywords, bot.understanding.training; "
        f"print([name for name in {heavy!r} if name in sys.modules])"
    )
    out = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert out.stdout.strip() == "[]"
