"""The gateways' desk against real simulators, over real HTTP, with the real sender."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import httpx
import pytest
from aiohttp import web

from bot.core import Core, open_core
from bot.delivery.sender import Outbound
from bot.settings import Settings, SmsSettings
from bot.sms_account import SmsFault
from bot.sms_desk import Gateways
from bot.sms_form import OWN
from bot.store import gateways
from bot.web_app import web_app
from bot.working import senders
from integrations.simulation.clock import MachineClock
from integrations.sms.kinds import KINDS
from integrations.sms.simulator import SmsGatewaySimulator
from tests.conftest import SECRET
from tests.factories import HOME
from tests.integrations.http import serving

MINE = "+84987654321"
VALUES = {"own_number": "0900 000 113", "token": "geheim", "secret": "auch-geheim", "price": "350"}


@dataclass
class Site:
    """A commune's machine with a desk, and a gateway that it may use."""

    core: Core
    desk: Gateways
    sim: SmsGatewaySimulator
    outbound: Outbound
    base: str

    @property
    def url(self) -> str:
        return f"{self.base}/sim/messages"

    async def entered(self, name: str = "viettel", **more: str) -> None:
        values = {**VALUES, "url": self.url, **more}
        await self.desk.save(HOME, name, "generic", values, new=True)

    async def write(self, text: str) -> None:
        """The officer's own telephone."""
        async with httpx.AsyncClient() as client:
            await client.post(f"{self.base}/sim/handset/{MINE}/send", json={"text": text})
        await self.sim.courier.idle()


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    sim = SmsGatewaySimulator(
        MachineClock(), "", secret="auch-geheim", token="geheim", own_number="+84900000113"
    )
    app = web.Application()
    app.add_subapp("/sim", sim.app())
    async with serving(app) as base:
        settings = Settings(data_dir=tmp_path, public_url=base, secret_key=SECRET)
        async with (
            open_core(settings) as core,
            serving(web_app(core, lambda: asyncio.sleep(0))) as ours,
        ):
            sim.courier.url = f"{ours}/webhooks/sms/viettel/{HOME}"
            desk = Gateways(core.store, core.outside, core.clock, core.wall, core.accents)
            outbound = Outbound(
                core.store, senders(core), core.wakeups, core.clock, core.wall,
                reaches=core.outside.reaches, troubled=core.outside.troubled,
                plans=core.outside.plans,
            )  # fmt: skip
            yield Site(core, desk, sim, outbound, base)


# --- setting up ---------------------------------------------------------------------------


async def test_what_a_phone_held_before_it_was_entered_is_not_answered(site: Site) -> None:
    values = {"url": "http://127.0.0.1:1", "user": "u", "password": "p", "poll": "yes"}
    before = site.core.wall.now().replace(microsecond=0)
    await site.desk.save(HOME, "cu", "smsgate", {**values, "since": ""}, new=True)
    line = await site.desk.gateway(HOME, "cu")
    begun = datetime.fromisoformat(line.options["since"])
    assert before <= begun <= site.core.wall.now()
    await site.desk.save(HOME, "cu", "smsgate", {"user": "v"})
    assert (await site.desk.gateway(HOME, "cu")).options["since"] == line.options["since"]
    old = "2026-07-01T08:00:00+07:00"
    await site.desk.save(HOME, "sau", "smsgate", {**values, "since": old}, new=True)
    assert (await site.desk.gateway(HOME, "sau")).options["since"] == old


async def test_a_gateway_is_entered_and_used_at_once(site: Site) -> None:
    await site.entered()
    [line] = await site.desk.gateways(HOME)
    assert (line.name, line.own_number, line.price, line.share) == (
        "viettel", "+84900000113", 350, 100,
    )  # fmt: skip
    assert (line.per_minute, line.per_hour, line.per_day) == KINDS["generic"].caps
    assert line.secrets == {"token", "secret"}
    assert line.webhook_url == f"{site.base}/webhooks/sms/viettel/{HOME}"
    assert not line.trouble
    assert site.core.outside.plans(HOME)[0].name == "viettel"
    assert "geheim" not in repr(line)


async def test_only_what_is_given_changes_and_an_empty_secret_stays(site: Site) -> None:
    await site.entered()
    await site.desk.save(HOME, "viettel", "generic", {"token": "", "per_day": "1.000"})
    config = site.core.outside.sms.pool.config(HOME, "viettel")
    assert config is not None
    assert (config.per_day, config.secrets["token"], config.own_number) == (
        1000, "geheim", "+84900000113",
    )  # fmt: skip
    await site.desk.save(HOME, "viettel", "generic", {"own_number": "", "token": "neu"})
    config = site.core.outside.sms.pool.config(HOME, "viettel")
    assert config is not None
    assert (config.own_number, config.secrets["token"]) == ("", "neu")


async def test_a_key_that_is_left_empty_is_made_and_shown(site: Site) -> None:
    await site.entered(secret="")
    assert (await site.desk.gateway(HOME, "viettel")).copies
    made = await site.desk.snippets(HOME, "viettel")
    assert len(made[0].text) >= 24
    await site.desk.save(HOME, "viettel", "generic", {"price": "400"})
    assert await site.desk.snippets(HOME, "viettel") == made
    assert made[0].text not in repr(made)


@pytest.mark.parametrize(
    ("name", "kind", "more", "said"),
    [
        ("Viettel 1", "generic", {}, "Tên cổng"),
        ("", "generic", {}, "Tên cổng"),
        ("a" * 21, "generic", {}, "Tên cổng"),
        ("g", "fax", {}, "kiểu cổng “fax”"),
        ("g", "generic", {"url": ""}, "Cần điền: Địa chỉ"),
        ("g", "generic", {"url": "ftp://x"}, "http"),
        ("g", "generic", {"urll": "http://x"}, "không có mục “urll”"),
        ("g", "generic", {"own_number": "0912"}, None),
        ("g", "generic", {"own_number": "UBND HOA MAI"}, "11 ký tự"),
        ("g", "generic", {"own_number": "Xã Mai"}, "Số của cổng"),
        ("g", "generic", {"own_number": "UBNDHOAMAI"}, None),
        ("g", "generic", {"share": "-1"}, "từ 0 đến 1000"),
        ("g", "generic", {"per_day": "nhiều"}, "Số tin mỗi ngày"),
        ("g", "generic", {"price": "٣"}, "Giá một tin"),
        ("g", "generic", {"price": "9" * 5000}, "Giá một tin"),
    ],
)
async def test_what_was_typed_is_checked(
    site: Site, name: str, kind: str, more: dict[str, str], said: str | None
) -> None:
    values = {**VALUES, "url": "http://127.0.0.1:9", **more}
    if said is None:
        await site.desk.save(HOME, name, kind, values)
        return
    with pytest.raises(SmsFault, match=said):
        await site.desk.save(HOME, name, kind, values)
    assert await site.desk.gateways(HOME) == []


async def test_a_name_is_given_once_and_a_kind_stays(site: Site) -> None:
    await site.entered()
    with pytest.raises(SmsFault, match="đã có cổng"):
        await site.entered()
    with pytest.raises(SmsFault, match="kiểu khác"):
        await site.desk.save(HOME, "viettel", "smsgate", {"url": "http://x"})


async def test_a_gateway_is_forgotten(site: Site) -> None:
    await site.entered()
    assert not await site.desk.remove(HOME, "viettel")
    assert await site.desk.gateways(HOME) == []
    assert site.core.outside.plans(HOME) == []
    for act in (site.desk.remove, site.desk.check, site.desk.hearing, site.desk.gateway):
        with pytest.raises(SmsFault, match="không có cổng SMS"):
            await act(HOME, "viettel")


async def test_what_stands_in_the_file_is_changed_over_it_and_removed_there(
    tmp_path: Path,
) -> None:
    file = SmsSettings(name="cu", url="http://127.0.0.1:9", token="t")  # type: ignore[call-arg]
    async with open_core(Settings(data_dir=tmp_path, sms={HOME: file})) as core:  # type: ignore[dict-item]
        desk = Gateways(core.store, core.outside, core.clock, core.wall)
        assert (await desk.gateway(HOME, "cu")).from_file
        with pytest.raises(SmsFault, match=r"hotro\.toml"):
            await desk.remove(HOME, "cu")
        line = await desk.save(HOME, "cu", "generic", {"price": "400"})
        assert (line.from_file, line.price, line.secrets >= {"token"}) == (False, 400, True)
        assert await desk.remove(HOME, "cu")
        assert (await desk.gateway(HOME, "cu")).price == 0


async def test_one_that_cannot_be_used_is_told_and_mended(site: Site) -> None:
    async with site.core.store.write() as session:
        caps = {"share": 100, "per_minute": 1, "per_hour": 1, "per_day": 1, "price": 0}
        for name, kind in (("hong", "generic"), ("moi", "pigeon")):
            view = gateways.GatewayView(HOME, name, kind, {"options": {}, **caps})
            await gateways.put(session, view, site.core.wall.now())
    await site.core.outside.refresh()
    faults = {line.name: line.fault for line in await site.desk.gateways(HOME)}
    assert faults["hong"]
    assert "pigeon" in faults["moi"]
    assert await site.desk.troubles(HOME) == faults
    with pytest.raises(SmsFault, match="hong"):
        await site.desk.check(HOME, "hong")
    await site.desk.save(HOME, "hong", "generic", {"url": site.url, "token": "geheim"})
    assert not (await site.desk.check(HOME, "hong")).trouble
    assert not await site.desk.remove(HOME, "moi")


# --- trying -------------------------------------------------------------------------------


async def test_a_gateway_is_asked(site: Site) -> None:
    await site.entered()
    assert (await site.desk.check(HOME, "viettel")).asked_at is not None
    await site.desk.save(HOME, "viettel", "generic", {"token": "falsch"})
    with pytest.raises(SmsFault, match="mã truy cập"):
        await site.desk.check(HOME, "viettel")
    assert "viettel" in await site.desk.troubles(HOME)
    await site.desk.save(HOME, "viettel", "generic", {"token": "geheim"})
    assert await site.desk.troubles(HOME) == {}


async def test_a_trial_arrives_and_is_reported_and_counted(site: Site) -> None:
    await site.entered()
    await site.desk.test(HOME, "viettel", "0987 654 321", "k1", None)
    await site.desk.test(HOME, "viettel", "0987 654 321", "k1", None)  # the form came twice
    assert [one.state for one in await site.desk.tests(HOME, "viettel")] == ["waiting"]
    await site.outbound.drain()
    await site.sim.courier.idle()
    [one] = await site.desk.tests(HOME, "viettel")
    assert (one.state, one.number) == ("delivered", MINE)
    [bubble] = site.sim.network.journal.since(MINE, 0)
    assert "cong viettel gui tot" in bubble.wire
    counted = (await site.desk.gateway(HOME, "viettel")).counted
    assert (counted.sent, counted.failed, counted.parts, counted.price) == (1, 0, 1, 350)
    assert (counted.minute, counted.hour, counted.day) == (1, 1, 1)


async def test_a_trial_goes_by_the_gateway_that_is_tried(site: Site) -> None:
    await site.entered()
    await site.entered("hong", token="falsch", share="1000")
    for key in "12":
        await site.desk.test(HOME, "viettel", MINE, key, None)
    await site.outbound.drain()
    assert {one.state for one in await site.desk.tests(HOME, "viettel")} <= {"sent", "delivered"}
    await site.desk.test(HOME, "hong", MINE, "3", None)
    await site.outbound.drain()
    [one] = await site.desk.tests(HOME, "hong")
    assert (one.state, "mã truy cập" in one.error) == ("failed", True)
    assert "mã truy cập" in (await site.desk.troubles(HOME)).get("hong", "")


@pytest.mark.parametrize("number", ["", "113", "VIETTEL", "19001234", "0900000113", "abc"])
async def test_a_trial_goes_to_people_only(site: Site, number: str) -> None:
    await site.entered()
    with pytest.raises(SmsFault, match="Số điện thoại nhận tin thử"):
        await site.desk.test(HOME, "viettel", number, "k1", None)


async def test_an_officer_tries_at_most_five_times_an_hour(site: Site) -> None:
    await site.entered()
    await site.entered("vina")
    for number in range(5):
        await site.desk.test(HOME, ("viettel", "vina")[number % 2], MINE, f"k{number}", None)
    with pytest.raises(SmsFault, match="5 tin thử"):
        await site.desk.test(HOME, "vina", MINE, "k6", None)


async def test_what_was_written_to_it_is_seen(site: Site) -> None:
    await site.entered()
    before = await site.desk.hearing(HOME, "viettel")
    assert (len(before.code), before.at) == (4, None)
    await site.write("THU 0000 gi do")
    assert (await site.desk.hearing(HOME, "viettel")).at is None
    await site.write(f"Thu {before.code}")
    after = await site.desk.hearing(HOME, "viettel")
    assert (after.code, after.number) == (before.code, MINE)
    assert after.at is not None
    assert (await site.desk.gateway(HOME, "viettel")).heard_at is not None
    await site.entered("vina")
    other = await site.desk.hearing(HOME, "vina")
    assert (other.at, other.code != before.code) == (None, True)


async def test_only_a_phone_is_told_our_address_by_ourselves(site: Site) -> None:
    await site.entered()
    with pytest.raises(SmsFault, match="địa chỉ webhook"):
        await site.desk.connect(HOME, "viettel")


# --- a text -------------------------------------------------------------------------------


async def test_a_text_costs_what_the_dearest_gateway_asks(site: Site) -> None:
    assert site.desk.preview(HOME, "Chào").preview.price_total == 0
    await site.entered()
    await site.entered("re", price="100")
    await site.entered("du-phong", price="900", share="0")
    told = site.desk.preview(HOME, "Mời ông Đặng tới nhận kết quả")
    assert (told.preview.price_total, told.preview.folded) == (350, True)
    assert told.preview.text == "Moi ong Dang toi nhan ket qua"
    assert any("rút ngắn" in note for note in site.desk.preview(HOME, "dài " * 200).notes)


# --- all kinds ----------------------------------------------------------------------------


NOBODY = "http://127.0.0.1:9"
ENTERED: dict[str, dict[str, str]] = {
    "smsgate": {"url": NOBODY, "user": "sms", "password": "geheim"},
    "gammu": {"database": "/nowhere/smsd.db"},
    "esms": {"api_key": "a", "secret_key": "b", "brandname": "HOA MAI", "url": NOBODY},
    "kannel": {"url": NOBODY, "user": "sms", "password": "geheim"},
    "smpp": {"host": "127.0.0.1", "port": "9", "system_id": "xa"},
    "generic": {"url": NOBODY},
}


@pytest.mark.parametrize("kind", KINDS)
async def test_every_kind_can_be_entered_and_says_when_nobody_is_there(
    site: Site, kind: str
) -> None:
    line = await site.desk.save(HOME, "g", kind, ENTERED[kind], new=True)
    assert (line.kind.id, line.trouble) == (kind, "")
    assert site.core.outside.plans(HOME)[0].per_minute == KINDS[kind].caps[0]
    with pytest.raises(SmsFault) as told:
        await site.desk.check(HOME, "g")
    assert str(told.value).endswith(".")
    assert await site.desk.troubles(HOME) == {"g": str(told.value)}
    snippets = await site.desk.snippets(HOME, "g")
    assert bool(snippets) is line.copies is (kind in ("smsgate", "gammu", "kannel", "generic"))


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
def test_a_kinds_fields_are_called_as_no_other_setting(kind: object) -> None:
    names = [field.name for field in kind.fields]  # type: ignore[attr-defined]
    assert not {*names} & {"name", "kind", "csrf", "key", "number", "confirm", *OWN}
    assert len(names) == len(set(names))
