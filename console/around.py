"""What stands around every page: who waits, how many calls, what is wrong with Zalo and SMS."""

from __future__ import annotations

from dataclasses import dataclass

from bot.sms_account import SmsDesk, SmsFault
from bot.store import reminders
from bot.store.officers import Login
from bot.zalo_account import ZaloDesk, ZaloFault
from console import waiting
from console.desk import Desk


@dataclass(frozen=True, slots=True)
class Banner:
    """One sentence above the page."""

    text: str
    bad: bool
    """Something does not work now; otherwise it soon will not."""
    page: str = "zalo"
    """Where it is mended; it is not shown there."""

    @property
    def way(self) -> tuple[str, str]:
        """Address and words of the link to that page."""
        return _WAYS[self.page]


_WAYS = {
    "zalo": ("/console/zalo", "Mở “Kết nối Zalo”"),
    "sms": ("/console/sms", "Mở “Tin nhắn SMS”"),
}


@dataclass(frozen=True, slots=True)
class Around:
    """See the module."""

    to_do: int
    """Citizens who wait for a word from this officer."""
    calls: int
    banners: tuple[Banner, ...] = ()


async def look(desk: Desk, login: Login) -> Around:
    """What an officer is told beside the page itself; asks nobody outside."""
    commune = login.commune
    async with desk.store.read() as session:
        to_do = await waiting.to_do(session, login)
        calls = await reminders.count_calls(session, commune, desk.clock.now())
    zalo = await _banners(desk.zalo, commune) if desk.zalo else ()
    return Around(to_do, calls, zalo + (await _of_sms(desk.sms, commune) if desk.sms else ()))


async def _banners(zalo: ZaloDesk, commune: str) -> tuple[Banner, ...]:
    try:
        oa, bot = await zalo.oa(commune), await zalo.bot(commune)
    except ZaloFault as fault:
        return (Banner(str(fault), bad=True),)
    found = []
    if oa.problem:
        found.append(Banner(f"Zalo của xã cần kết nối lại. {sentence(oa.problem)}", bad=True))
    elif oa.warning:
        found.append(Banner(sentence(oa.warning), bad=False))
    if bot.problem:
        found.append(Banner(f"Bot Zalo của xã đang trục trặc. {sentence(bot.problem)}", bad=True))
    return tuple(found)


async def _of_sms(sms: SmsDesk, commune: str) -> tuple[Banner, ...]:
    try:
        troubles = await sms.troubles(commune)
    except SmsFault as fault:
        return (Banner(str(fault), bad=True, page="sms"),)
    return tuple(
        Banner(f"Cổng SMS {name} cần người sửa. {sentence(said)}", bad=True, page="sms")
        for name, said in troubles.items()
    )


def sentence(said: str) -> str:
    """With a capital letter and a full stop, whoever wrote it."""
    said = said.strip()
    return f"{said[:1].upper()}{said[1:]}" + ("" if said.endswith((".", "!", "?", "”")) else ".")
