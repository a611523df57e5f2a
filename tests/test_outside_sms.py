"""The composition root's SMS gateways: of the file and of the database, in every process."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.channels import GatewayPlan
from bot.clock import FixedClock
from bot.outside import Outside
from bot.outside_sms import SqlListenLease
from bot.settings import Settings, SettingsError, SmsSettings, load
from bot.sms_watch import SmsWatch
from bot.store import gateways
from bot.store.engine import Store
from bot.store.gateways import GatewayView
from integrations.sms.gateway import Condition, GatewayConfig
from integrations.sms.kinds import KINDS
from tests.factories import HOME, NOON, ROOT

FILE = SmsSettings(url="http://127.0.0.1:9", own_number="+84900000113", secret="s", token="t")  # type: ignore[call-arg]


def _settings(tmp_path: Path, **sms: object) -> Settings:
    return Settings(data_dir=tmp_path, sms=sms or {HOME: FILE})  # type: ignore[arg-type]


@pytest.fixture
async def outside(store: Store, tmp_path: Path) -> AsyncIterator[Outside]:
    one = Outside(_settings(tmp_path), store, FixedClock(NOON))
    await one.refresh()
    yield one
    await one.close()


def _entered(name: str, **more: object) -> GatewayView:
    caps = {"share": 100, "per_minute": 10, "per_hour": 100, "per_day": 500, "price": 350}
    settings = {"own_number": "+84900000114", "options": {"url": "http://127.0.0.1:8"}, **caps}
    return GatewayView(HOME, name, "generic", settings | more, {"token": "neu", "secret": "s2"})


async def _put(store: Store, view: GatewayView) -> None:
    async with store.write() as session:
        await gateways.put(session, view, NOON)


def _names(outside: Outside) -> list[str]:
    return [plan.name for plan in outside.plans(HOME)]


# --- file and database --------------------------------------------------------------------


async def test_a_gateway_of_the_file_works_without_a_row(outside: Outside) -> None:
    gateway = outside.sms.pool.get(HOME, "generic")
    assert gateway is not None
    assert gateway.config.options == {"url": "http://127.0.0.1:9"}
    assert gateway.config.secrets == {"secret": "s", "token": "t"}
    assert outside.plans(HOME) == [GatewayPlan("generic", 100, *KINDS["generic"].caps, 0)]
    assert outside.plans(HOME, "zalo") == ()
    assert outside.reaches(HOME, "sms") is not None
    assert outside.can_remind(HOME)


async def test_a_commune_without_a_gateway_reaches_nobody(outside: Outside) -> None:
    assert outside.reaches("song-xanh", "sms") is None
    assert outside.plans("song-xanh") == []
    assert not outside.can_remind("song-xanh")


async def test_what_is_entered_goes_over_the_file_and_is_taken_up_while_running(
    outside: Outside, store: Store
) -> None:
    await _put(store, _entered("viettel", share=50))
    await _put(store, _entered("generic", share=0))
    assert _names(outside) == ["generic"]
    await outside.refresh()
    assert _names(outside) == ["viettel", "generic"]  # the larger share first
    changed = outside.sms.pool.get(HOME, "generic")
    assert changed is not None
    assert changed.config.own_number == "+84900000114"
    assert changed.config.secrets["token"] == "neu"
    async with store.write() as session:
        await gateways.remove(session, HOME, "viettel")
        await gateways.remove(session, HOME, "generic")
    await outside.refresh()
    again = outside.sms.pool.get(HOME, "generic")
    assert again is not None
    assert (_names(outside), again.config.share) == (["generic"], 100)


async def test_what_did_not_change_stays_the_same_object(outside: Outside, store: Store) -> None:
    before = outside.sms.pool.get(HOME, "generic")
    await _put(store, _entered("viettel"))
    await outside.refresh()
    assert outside.sms.pool.get(HOME, "generic") is before


async def test_a_gateway_that_cannot_be_made_is_told_and_sends_nothing(
    outside: Outside, store: Store
) -> None:
    await _put(store, _entered("hong", options={"url": "ftp://x"}))
    await outside.refresh()
    assert _names(outside) == ["generic"]
    assert "http" in outside.sms.pool.faults[HOME, "hong"]
    assert [one.name for one in outside.sms.configs(HOME)] == ["generic", "hong"]


async def test_a_kind_of_a_newer_version_does_not_stop_the_others(
    outside: Outside, store: Store
) -> None:
    view = _entered("moi")
    await _put(store, GatewayView(HOME, "moi", "pigeon", view.settings, view.secrets))
    await outside.refresh()
    assert _names(outside) == ["generic"]
    assert "pigeon" in outside.sms.pool.faults[HOME, "moi"]


async def test_a_program_may_fix_a_gateway(outside: Outside, store: Store) -> None:
    outside.sms.fix(GatewayConfig("song-xanh", "sim", "generic", options={"url": "http://x"}))
    assert [plan.name for plan in outside.plans("song-xanh")] == ["sim"]
    await _put(store, _entered("viettel"))
    await outside.refresh()
    assert [plan.name for plan in outside.plans("song-xanh")] == ["sim"]
    assert outside.sms.communes() == {HOME, "song-xanh"}


# --- what a person has to mend ------------------------------------------------------------


async def _problem(store: Store, name: str = "generic") -> str:
    async with store.read() as session:
        found = (await gateways.health(session, HOME)).get(name)
    return found.problem if found else ""


async def test_a_problem_is_told_once_and_ends(outside: Outside, store: Store) -> None:
    await outside.troubled(HOME, "sms", "", "generic")
    async with store.read() as session:
        assert await gateways.health(session, HOME) == {}  # nothing to write
    await outside.troubled(HOME, "sms", "hết tiền", "generic")
    assert await _problem(store) == "hết tiền"
    await outside.troubled(HOME, "sms", "", "generic")
    assert await _problem(store) == ""


async def test_a_problem_mended_in_another_process_may_come_again(
    outside: Outside, store: Store, tmp_path: Path
) -> None:
    other = Outside(_settings(tmp_path), store, FixedClock(NOON))
    await other.refresh()
    await outside.sms.problem(HOME, "generic", "hết tiền")
    await other.refresh()
    await other.sms.problem(HOME, "generic", "")
    await outside.refresh()
    await outside.sms.problem(HOME, "generic", "hết tiền")
    assert await _problem(store) == "hết tiền"
    await other.close()


async def test_nothing_is_noted_of_a_gateway_that_is_gone(outside: Outside, store: Store) -> None:
    await outside.sms.problem(HOME, "cu", "hết tiền")
    await outside.sms.listening(HOME, "cu", "không tới được")
    assert await _problem(store, "cu") == ""


async def test_only_a_listener_that_recovers_takes_back_what_it_told(
    outside: Outside, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    _Says(outside, monkeypatch)
    await outside.sms.listening(HOME, "generic", "Chưa nhận được tin.")
    assert await _problem(store) == "Chưa nhận được tin."
    await outside.troubled(HOME, "sms", "", "generic")  # a message left
    await outside.sms.ask(HOME, "generic")
    assert await _problem(store) == "Chưa nhận được tin."
    await outside.sms.listening(HOME, "generic", "")
    assert await _problem(store) == ""


# --- asking them --------------------------------------------------------------------------


class _Says:
    """A gateway that says of itself what the test wants."""

    def __init__(self, outside: Outside, monkeypatch: pytest.MonkeyPatch) -> None:
        self.condition = Condition(True)
        self.asked = 0
        gateway = outside.sms.pool.get(HOME, "generic")
        monkeypatch.setattr(type(gateway), "check", self.check)

    async def check(self) -> Condition:
        self.asked += 1
        return self.condition


async def test_what_it_says_is_kept_and_counts_at_once_by_hand(
    outside: Outside, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    says = _Says(outside, monkeypatch)
    says.condition = Condition(False, "Điện thoại tắt.", {"Pin": "3 %"})
    assert await outside.sms.ask(HOME, "generic") == says.condition
    assert await _problem(store) == "Điện thoại tắt."
    known = (await outside.sms.health(HOME))["generic"].standing
    assert (known["facts"], known["asked_at"]) == ({"Pin": "3 %"}, NOON.isoformat())
    says.condition = Condition(True)
    await outside.sms.ask(HOME, "generic")
    assert await _problem(store) == ""
    assert await outside.sms.ask(HOME, "cu") is None


async def test_the_watch_asks_seldom_and_tells_after_two_bad_answers(
    outside: Outside, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    wall = FixedClock(NOON)
    outside.sms._wall = wall
    says, watch = _Says(outside, monkeypatch), SmsWatch(outside.sms, wall)
    assert await watch.look() == 1
    assert await watch.look() == 0  # a minute later, or in another process
    says.condition = Condition(False, "Modem không có sóng.")
    told = []
    for _ in range(2):
        wall.advance(timedelta(minutes=10))
        assert await watch.look() == 1
        told.append(await _problem(store))
    assert told == ["", "Modem không có sóng."]
    says.condition = Condition(True)
    wall.advance(timedelta(minutes=10))
    await watch.look()
    assert await _problem(store) == ""
    assert says.asked == 4


async def test_the_watch_does_not_take_back_what_a_send_found_out(
    outside: Outside, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    _Says(outside, monkeypatch)
    await outside.sms.problem(HOME, "generic", "hết tiền")
    await SmsWatch(outside.sms, FixedClock(NOON)).look()
    assert await _problem(store) == "hết tiền"
    await outside.sms.ask(HOME, "generic")  # somebody looked, and says that it is mended
    assert await _problem(store) == ""


async def test_one_process_listens_at_a_time(store: Store) -> None:
    wall = FixedClock(NOON)
    lease = SqlListenLease(store, wall, 60)
    assert await lease.acquire(HOME, "generic", "a")
    assert not await lease.acquire(HOME, "generic", "b")
    assert await lease.acquire(HOME, "viettel", "b")
    wall.advance(timedelta(seconds=61))
    assert await lease.acquire(HOME, "generic", "b")


# --- hotro.toml ---------------------------------------------------------------------------


def _read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> Settings:
    file = tmp_path / "hotro.toml"
    file.write_text(text)
    monkeypatch.setenv("HOTRO_CONFIG", str(file))
    return load(data_dir=tmp_path)


def _configs(settings: Settings, commune: str) -> list[GatewayConfig]:
    from bot.outside_sms import from_file

    return [config for (where, _), config in from_file(settings).items() if where == commune]


def test_one_table_is_one_generic_gateway_as_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOTRO_SMS__HOA-MAI__TOKEN", "aus der Umgebung")
    text = '[sms.hoa-mai]\nurl = "http://x"\nown_number = "+84900000113"\nsecret = "s"\n'
    settings = _read(tmp_path, monkeypatch, text)
    [config] = _configs(settings, HOME)
    assert (config.name, config.kind, config.own_number) == ("generic", "generic", "+84900000113")
    assert config.options == {"url": "http://x"}
    assert config.secrets == {"secret": "s", "token": "aus der Umgebung"}
    assert "aus der Umgebung" not in repr(settings)
    assert "aus der Umgebung" not in repr(config)


def test_a_list_holds_gateways_of_any_kind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = """
[[sms.hoa-mai]]
name = "dien-thoai"
kind = "smsgate"
url = "http://192.168.1.20:8080"
user = "sms"
password = "geheim"
poll = true
per_day = 300
price = 350
[[sms.hoa-mai]]
name = "du-phong"
share = 0
url = "http://x"
per_hour = 0
"""
    first, second = _configs(_read(tmp_path, monkeypatch, text), HOME)
    assert (first.kind, first.option("poll"), first.option("password")) == (
        "smsgate", "yes", "geheim",
    )  # fmt: skip
    assert (first.per_minute, first.per_day, first.price) == (10, 300, 350)
    assert (second.kind, second.share, second.per_hour) == ("generic", 0, 0)


def test_the_example_file_names_what_its_kinds_know(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (ROOT / "hotro.example.toml").read_text()
    first, second = _configs(_read(tmp_path, monkeypatch, text), HOME)
    assert (first.kind, second.share) == ("smsgate", 0)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[sms.hoa-mai]\nurll = "http://x"', ("sms.hoa-mai", "generic", '"urll"', "url, token")),
        ('[[sms.hoa-mai]]\nname = "a"\nkind = "fax"', ("sms.hoa-mai", '"fax"', "smsgate")),
        ('[sms.hoa-mai]\nname = "Viettel 1"', ("sms.hoa-mai", '"Viettel 1"', "a-z")),
        ("[[sms.hoa-mai]]\n[[sms.hoa-mai]]", ("sms.hoa-mai", 'cùng tên "generic"')),
        ("[sms.hoa-mai]\nshare = -1", ("sms.hoa-mai.0.share",)),
        ('[sms.hoa-mai]\nper_day = "nhiều"', ("sms.hoa-mai.0.per_day",)),
        ("sms = 5", ("sms",)),
    ],
)
async def test_what_is_wrong_in_the_file_is_named_at_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, store: Store, text: str, words: tuple[str, ...]
) -> None:
    with pytest.raises(SettingsError) as told:
        Outside(_read(tmp_path, monkeypatch, text), store, FixedClock(NOON))
    assert all(word in str(told.value) for word in words), told.value
