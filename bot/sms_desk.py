"""Setting up, trying and watching SMS gateways, for the console and for commands.

A part of the composition root: implements :class:`bot.sms_account.SmsDesk`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from bot.clock import LOCAL, Clock, local_date
from bot.knowledge import ambiguous
from bot.messages import Channel
from bot.outside import Outside
from bot.outside_sms import NAME, SmsGateways
from bot.sms_account import (
    Counted,
    FieldLine,
    GatewayLine,
    Hearing,
    KindLine,
    Shown,
    SmsDesk,
    SmsFault,
    Snippet,
    Trial,
)
from bot.sms_form import NUMBERS, Entry, entered
from bot.smstext import Policy, Preview, preview
from bot.store import attempts, gateway_trials, gateways, outbox
from bot.store.attempts import Tally, Used
from bot.store.engine import Store
from bot.store.gateway_trials import TrialView
from bot.store.gateways import GatewayView, HealthView
from bot.store.outbox import Draft
from integrations.sms import gammu, kannel, smsgate
from integrations.sms.address import webhook_url
from integrations.sms.gateway import GatewayConfig, Kind
from integrations.sms.kinds import KINDS
from integrations.sms.numbers import is_answerable, normalise

SMS: Channel = "sms"
TRIALS_AN_HOUR = 5
HEARD_WITHIN = timedelta(hours=1)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CONNECTING = {"smsgate": smsgate.connect}
SNIPPETS: Mapping[str, tuple[str, Callable[[GatewayConfig, str], str]]] = {
    "kannel": ("Chép vào kannel.conf", kannel.snippet),
    "gammu": ("Chép vào /etc/gammu-smsdrc", lambda config, url: gammu.snippet(config)),
}
KEYS_BY_HAND = frozenset({"generic", "smsgate"})
"""Kinds to which somebody has to tell the key that was made up here."""
MANY_PARTS = 3
_CODE = re.compile(r"(?<!\d)\d{4}(?!\d)")
_UNKNOWN = "Xã không có cổng SMS tên “{}”."


class Gateways(SmsDesk):
    """See the protocol. ``clock`` is the time that people see, ``wall`` the machine's."""

    def __init__(
        self,
        store: Store,
        outside: Outside,
        clock: Clock,
        wall: Clock,
        accents: Callable[[str], Policy] = lambda commune: "never",
    ) -> None:
        self._store = store
        self._outside = outside
        self._clock = clock
        self._wall = wall
        self._accents = accents

    @property
    def _sms(self) -> SmsGateways:
        return self._outside.sms

    def kinds(self) -> Sequence[KindLine]:
        return [_kind_line(kind) for kind in KINDS.values()]

    # --- how they stand -------------------------------------------------------------------

    async def gateways(self, commune: str) -> Sequence[GatewayLine]:
        since = self._wall.now() - DAY
        async with self._store.read() as session:
            health = await gateways.health(session, commune)
            tally = await attempts.tally(session, commune, since)
            used = await attempts.used(session, commune, self._wall.now())
            came = await gateway_trials.last_came(session, commune)
            rows = await gateways.names(session, commune)
        return [
            self._line(
                config,
                health.get(config.name, HealthView()),
                _counted(tally.get(config.name), used.get(config.name)),
                came.get(config.name),
                from_file=config.name not in rows,
            )
            for config in self._sms.configs(commune)
        ]

    def _line(
        self,
        config: GatewayConfig,
        health: HealthView,
        counted: Counted,
        came: datetime | None,
        *,
        from_file: bool,
    ) -> GatewayLine:
        kind, told = _kind_of(config), health.standing
        asked = told.get("asked_at")
        return GatewayLine(
            name=config.name,
            kind=kind,
            own_number=config.own_number,
            share=config.share,
            per_minute=config.per_minute,
            per_hour=config.per_hour,
            per_day=config.per_day,
            price=config.price,
            options=config.options,
            secrets=frozenset(name for name, value in config.secrets.items() if value),
            from_file=from_file,
            fault=self._sms.pool.faults.get((config.commune, config.name), ""),
            problem=health.problem,
            weight=health.weight,
            facts=tuple(told.get("facts", {}).items()),
            asked_at=datetime.fromisoformat(asked) if asked else None,
            heard_at=came,
            counted=counted,
            webhook_url=webhook_url(config, self._sms.tools.public_url) if kind.posts else "",
            copies=config.kind in SNIPPETS or any(_keys(kind, config)),
        )

    async def gateway(self, commune: str, name: str) -> GatewayLine:
        found = [line for line in await self.gateways(commune) if line.name == name]
        if not found:
            raise SmsFault(_UNKNOWN.format(name))
        return found[0]

    async def troubles(self, commune: str) -> Mapping[str, str]:
        async with self._store.read() as session:
            health = await gateways.health(session, commune)
        said = {
            config.name: self._sms.pool.faults.get((commune, config.name), "")
            or health.get(config.name, HealthView()).problem
            for config in self._sms.configs(commune)
        }
        return {name: sentence for name, sentence in said.items() if sentence}

    # --- setting up -----------------------------------------------------------------------

    async def save(
        self, commune: str, name: str, kind: str, values: Mapping[str, str], *, new: bool = False
    ) -> GatewayLine:
        name = name.strip()
        if not NAME.fullmatch(name):
            raise SmsFault("Tên cổng chỉ gồm chữ a-z không dấu, số và dấu -, nhiều nhất 20 ký tự.")
        if kind not in KINDS:
            raise SmsFault(f"Không có kiểu cổng “{kind}”.")
        there = self._config(commune, name)
        if there is not None and new:
            raise SmsFault(f"Xã đã có cổng tên “{name}”. Anh/chị đặt tên khác.")
        if there is not None and there.kind != kind:
            raise SmsFault(f"Cổng “{name}” thuộc kiểu khác; xoá cổng ấy rồi thêm lại.")
        if there is None:
            values = {**values, **self._begin(KINDS[kind], values)}
        entry = entered(_kind_line(KINDS[kind]), values, _entry(KINDS[kind], there), normalise)
        await self._try(_config(commune, name, kind, entry))
        async with self._store.write() as session:
            view = GatewayView(commune, name, kind, _settings(entry), entry.secrets)
            await gateways.put(session, view, self._wall.now())
            await gateways.note_problem(session, commune, name, "sending", "")
            await gateways.note_problem(session, commune, name, "asking", "")
            await outbox.hurry(session, commune, SMS)
        await self._sms.refresh()
        return await self.gateway(commune, name)

    def _begin(self, kind: Kind, values: Mapping[str, str]) -> dict[str, str]:
        """What a gateway held before it was ours is not answered."""
        now = self._wall.now().astimezone(LOCAL).isoformat(timespec="seconds")
        empty = (one.name for one in kind.fields if one.begins and not values.get(one.name))
        return dict.fromkeys(empty, now)

    async def _try(self, config: GatewayConfig) -> None:
        """Make it once, as it is going to be made."""
        try:
            made = KINDS[config.kind].build(config, self._sms.tools)
        except ValueError as fault:
            raise SmsFault(str(fault)) from fault
        await made.close()

    async def remove(self, commune: str, name: str) -> bool:
        beneath = self._sms.beneath(commune, name)
        async with self._store.write() as session:
            gone = await gateways.remove(session, commune, name)
        if not gone and beneath is not None:
            raise SmsFault(
                f"Cổng “{name}” khai báo trong tệp hotro.toml của máy chủ: bỏ mục "
                f"sms.{commune} của cổng này ở đó rồi khởi động lại hotro."
            )
        if not gone:
            raise SmsFault(_UNKNOWN.format(name))
        await self._sms.refresh()
        return beneath is not None

    async def connect(self, commune: str, name: str) -> str:
        config = self._known(commune, name)
        connect = CONNECTING.get(config.kind)
        if connect is None:
            raise SmsFault("Cổng kiểu này không tự nối được: anh/chị chép địa chỉ webhook sang.")
        return await connect(config, self._sms.tools, self._sms.tools.public_url)

    async def snippets(self, commune: str, name: str) -> Sequence[Snippet]:
        config = self._known(commune, name)
        if config.kind not in SNIPPETS:
            return [Snippet(*key) for key in _keys(_kind_of(config), config)]
        title, make = SNIPPETS[config.kind]
        try:
            return (Snippet(title, make(config, self._sms.tools.public_url)),)
        except ValueError as fault:
            raise SmsFault(f"Chưa soạn được cấu hình: {fault}.") from fault

    # --- trying ---------------------------------------------------------------------------

    async def check(self, commune: str, name: str) -> GatewayLine:
        self._known(commune, name)
        condition = await self._sms.ask(commune, name)
        if condition is None:
            raise SmsFault(self._sms.pool.faults.get((commune, name), _UNKNOWN.format(name)))
        if not condition.well:
            raise SmsFault(condition.told)
        async with self._store.write() as session:
            await outbox.hurry(session, commune, SMS)
        return await self.gateway(commune, name)

    async def test(
        self, commune: str, name: str, number: str, key: str, officer_id: int | None
    ) -> None:
        config, now = self._known(commune, name), self._clock.now()
        to = normalise(number)
        if to is None or not is_answerable(number, config.own_number):
            raise SmsFault("Số điện thoại nhận tin thử không đúng; ghi ví dụ 0912345678.")
        said = (
            f"Tin thu cua hotro luc {now.astimezone(LOCAL):%H:%M}. "
            f"Nhan duoc tin nay la cong {name} gui tot."
        )
        draft = Draft(
            f"{gateway_trials.KEY}{name}:{key}",
            "officer",
            said,
            officer_id=officer_id,
            expires_at=now + gateway_trials.LIFE,
        )
        others = [one.name for one in self._sms.configs(commune) if one.name != name]
        async with self._store.write() as session:
            made = await gateway_trials.count(session, commune, officer_id, now - HOUR)
            if made >= TRIALS_AN_HOUR:
                raise SmsFault(
                    f"Một giờ chỉ gửi được {TRIALS_AN_HOUR} tin thử. Chờ một lúc rồi thử lại nhé."
                )
            await gateway_trials.begin(session, commune, name, draft, to, others, now)

    async def tests(self, commune: str, name: str) -> Sequence[Trial]:
        async with self._store.read() as session:
            found = await gateway_trials.listing(session, commune, name)
        return [Trial(one.at, one.number, _trial_state(one), one.error) for one in found]

    async def hearing(self, commune: str, name: str) -> Hearing:
        self._known(commune, name)
        now = self._clock.now()
        named = self._store.vault.pseudonym("hearing", commune, name, str(local_date(now)))
        code = f"{int(named[:8], 16) % 10_000:04}"
        async with self._store.read() as session:
            for one in await gateway_trials.came(session, commune, name):
                if code in _CODE.findall(one.text) and one.at > now - HEARD_WITHIN:
                    return Hearing(code, one.at, one.number)
        return Hearing(code)

    def preview(self, commune: str, text: str) -> Shown:
        price = max((one.price for one in self._sms.configs(commune) if one.share), default=0)
        shown = preview(text, self._accents(commune), price)
        return Shown(shown, tuple(_advice(shown)))

    # --- inside ---------------------------------------------------------------------------

    def _config(self, commune: str, name: str) -> GatewayConfig | None:
        return next((one for one in self._sms.configs(commune) if one.name == name), None)

    def _known(self, commune: str, name: str) -> GatewayConfig:
        config = self._config(commune, name)
        if config is None:
            raise SmsFault(_UNKNOWN.format(name))
        return config


def _kind_line(kind: Kind) -> KindLine:
    return KindLine(
        id=kind.id,
        label=kind.label,
        about=kind.about,
        fields=tuple(
            FieldLine(f.name, f.label, f.help, f.secret, f.required, f.default, f.made)
            for f in kind.fields
        ),
        receives=kind.receives,
        posts=kind.read is not None,
        caps=kind.caps,
        connects=kind.id in CONNECTING,
    )


def _kind_of(config: GatewayConfig) -> KindLine:
    """Its kind; an empty one when it is of a newer version of this program."""
    known = KINDS.get(config.kind)
    if known is not None:
        return _kind_line(known)
    return KindLine(config.kind, config.kind, "", (), True, False, (0, 0, 0))


def _keys(kind: KindLine, config: GatewayConfig) -> Iterator[tuple[str, str]]:
    """What the gateway has to know as well, by its label."""
    for one in kind.fields if kind.id in KEYS_BY_HAND else ():
        if one.made and config.option(one.name):
            yield one.label, config.option(one.name)


def _entry(kind: Kind, there: GatewayConfig | None) -> Entry:
    """What holds before anything is typed."""
    if there is None:
        per_minute, per_hour, per_day = kind.caps
        caps = {"per_minute": per_minute, "per_hour": per_hour, "per_day": per_day}
        return Entry(numbers={"share": 100, "price": 0, **caps})
    numbers = {name: int(getattr(there, name)) for name in NUMBERS}
    return Entry(there.own_number, numbers, there.options, there.secrets)


def _settings(entry: Entry) -> dict[str, object]:
    return {"own_number": entry.own_number, **entry.numbers, "options": dict(entry.options)}


def _config(commune: str, name: str, kind: str, entry: Entry) -> GatewayConfig:
    return GatewayConfig(
        commune, name, kind, entry.own_number, entry.options, entry.secrets, **entry.numbers
    )


def _counted(tally: Tally | None, used: Used | None) -> Counted:
    tally, used = tally or Tally(0, 0, 0, 0), used or Used()
    return Counted(
        tally.sent, tally.failed, tally.parts, tally.price, used.minute, used.hour, used.day
    )


def _trial_state(one: TrialView) -> str:
    """An outbox row's or an attempt's state, as the page tells it."""
    return {
        "queued": "waiting",
        "sending": "waiting",
        "started": "waiting",
        "accepted": "sent",
        "seen": "delivered",
        "refused": "failed",
        "undelivered": "failed",
        "cancelled": "failed",
        "expired": "failed",
    }.get(one.state, one.state)


def _advice(shown: Preview) -> Iterator[str]:
    if shown.folded:
        for one in ambiguous.found(shown.accented.text):
            instead = f"; nên viết “{one.instead}”" if one.instead else ""
            yield f"Bỏ dấu thì “{one.word}” dễ đọc thành “{one.reads}”{instead}."
    if shown.parts > MANY_PARTS:
        yield f"Tin này dài bằng {shown.parts} tin: nên rút ngắn còn {MANY_PARTS} tin trở xuống."
