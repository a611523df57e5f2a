"""How the processes start, wait for each other and end."""

from __future__ import annotations

import asyncio
import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from bot.clock import LOCAL
from bot.messages import Inbound, InboundKind
from bot.store import conversations, inbox, reminders
from bot.store.engine import Store
from bot.store.migrate import upgrade
from bot.store.models import Reminder
from bot.store.vault import Vault
from integrations.sms import signature
from tests.acceptance.town import KEY, SECRETS, Town, until
from tests.factories import HOME, PHONE, worded

HEAVY = ("rasa", "tensorflow", "sklearn", "scipy", "numpy", "underthesea", "joblib")


async def _post_signed(town: Town, message_id: str) -> int:
    body = json.dumps({"id": message_id, "from": PHONE, "text": "KS"}).encode()
    headers = signature.headers(SECRETS["sms"], body, datetime.now(UTC))
    url = f"{town.address}/webhooks/sms/generic/{HOME}"
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.post(url, content=body, headers=headers)
    return answer.status_code


async def test_the_web_process_takes_messages_in_without_any_model(sqlite_town: Town) -> None:
    web = await sqlite_town.start("web")
    statuses: list[int] = []

    async def taken() -> bool:
        try:
            statuses.append(await _post_signed(sqlite_town, "m1"))
        except httpx.TransportError:
            return False
        return True

    await until(taken)
    assert statuses == [200]
    assert not list((sqlite_town.folder / "var").glob("models/*/model.tar.gz"))
    assert await sqlite_town.open_rows() == {"new": 1}
    mapped = Path(f"/proc/{web.handle.pid}/maps").read_text()
    assert "sqlite" in mapped  # what is loaded is found this way
    assert [name for name in HEAVY if f"/{name}" in mapped] == []
    assert web.children() == []


async def test_the_web_application_imports_nothing_of_the_model(sqlite_town: Town) -> None:
    program = f"""
import asyncio, json, sys
from bot.core import open_core
from bot.web_app import web_app
from bot.settings import load

async def ready():
    return None

async def main():
    async with open_core(load()) as core:
        web_app(core, ready)

asyncio.run(main())
print(json.dumps(sorted({{m.partition(".")[0] for m in sys.modules}} & set({HEAVY!r}))))
"""
    process = await sqlite_town.start_python("-c", program)
    assert await process.handle.wait() == 0, process.said
    assert json.loads(process.said.splitlines()[-1]) == []


async def test_what_came_while_no_worker_ran_is_answered_and_sigterm_ends_all_cleanly(
    sqlite_town: Town, model: Path
) -> None:
    sqlite_town.share_model(model)
    web = await sqlite_town.open_web()
    zalo = "8412000000000000777"
    for who in (PHONE, zalo):
        sqlite_town.says(who, "KS")
        sqlite_town.says(who, "làm giấy khai sinh hết bao nhiêu tiền")
    await sqlite_town.heard_all()
    assert await web.stop() == 0
    assert await sqlite_town.open_rows() == {"new": 4}

    serving = await sqlite_town.start("serve")
    await sqlite_town.settled()
    for who in (PHONE, zalo):
        papers, fee = sqlite_town.answers(who)
        assert papers != fee

    children = [Path(f"/proc/{pid}") for pid in serving.children()]
    assert children  # the model's process
    assert await serving.stop() == 0
    assert "hotro đang dừng" in serving.said
    assert "Traceback" not in web.said + serving.said
    assert [child for child in children if child.exists()] == []


async def test_without_a_model_the_worker_says_what_to_do(sqlite_town: Town) -> None:
    process = await sqlite_town.start("worker")
    assert await asyncio.wait_for(process.handle.wait(), 60) == 1
    assert "chạy `hotro train` trước" in process.said
    assert "Traceback" not in process.said


async def test_a_port_that_is_taken_is_one_line_that_says_what_to_do(sqlite_town: Town) -> None:
    await sqlite_town.open_web()
    second = await sqlite_town.start("web")
    assert await asyncio.wait_for(second.handle.wait(), 60) == 1
    assert f"cổng {sqlite_town.port} đang có chương trình khác dùng" in second.said
    assert "Traceback" not in second.said


# --- reminders --------------------------------------------------------------------------


async def _agree(store: Store, phones: list[str], due: list[datetime], now: datetime) -> None:
    """Each phone agreed by SMS to one reminder."""
    async with store.write() as session:
        for n, (phone, at) in enumerate(zip(phones, due, strict=True)):
            message = Inbound(HOME, "sms", phone, f"y{n}", InboundKind.TEXT, "CO")
            inbox_id = await inbox.insert(session, message, now, now)
            assert inbox_id is not None
            await inbox.mark_done(session, inbox_id, now)
            conversation = await conversations.find(session, HOME, "sms", phone)
            assert conversation is not None
            consent = await reminders.agree(
                session, HOME, conversation, phone, "nhắc", "Đồng ý?", inbox_id, now
            )
            new = reminders.NewReminder(
                f"r{n}",
                "han",
                "khai_sinh",
                worded(f"Nhac {n}"),
                at,
                at + timedelta(days=1),
            )
            await reminders.schedule(session, HOME, conversation, phone, consent, new, now)


async def test_a_due_reminder_is_sent_once_though_the_worker_is_killed_around_it(
    sqlite_town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = datetime.now(UTC)
    noon = real.astimezone(LOCAL).replace(hour=12, minute=0, second=0)
    monkeypatch.setenv("NOON_OFFSET", str((noon - real).total_seconds()))
    phones = [f"+8491200080{n}" for n in range(8)]
    due = [noon + timedelta(seconds=n) for n in range(8)]
    store = Store(sqlite_town.database, Vault(KEY))
    await upgrade(store)
    await _agree(store, phones, due, noon)
    await sqlite_town.open_web()  # takes the gateway's receipts

    async def left() -> bool:
        async with store.read() as session:
            return not list(
                await session.scalars(select(Reminder.id).where(Reminder.state != "queued"))
            )

    for _ in range(3):
        worker = await sqlite_town.start_python("-m", "tests.acceptance.worker_at_noon")
        await worker.until_says("hotro đang trả lời")
        await asyncio.sleep(random.uniform(0.05, 0.8))
        await worker.kill()
    await sqlite_town.start_python("-m", "tests.acceptance.worker_at_noon")
    await until(left)
    await sqlite_town.settled()
    await store.close()
    assert [sqlite_town.answers(phone) for phone in phones] == [[f"Nhac {n}"] for n in range(8)]
