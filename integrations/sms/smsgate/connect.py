"""Has the phone call us: registers the webhooks that are missing, and gives it the signing key."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote, urlsplit

from bot.messages import SendError
from integrations.fields import Payload, string
from integrations.sms.address import webhook_url
from integrations.sms.gateway import GatewayConfig, Tools
from integrations.sms.smsgate.client import SmsGateClient
from integrations.sms.smsgate.events import EVENTS
from integrations.sms.smsgate.health import ADVICE
from integrations.sms.statuses import raise_for

_NO_HTTPS = (
    "Điện thoại không chịu gọi địa chỉ {url}: chỉ gọi địa chỉ https có tên miền. "
    "Hãy đặt tên miền có https cho hệ thống, hoặc chọn “Tự hỏi tin: yes”."
)
_NO_KEY = (
    "Còn thiếu khóa ký: trong ứng dụng mở Settings, Webhooks, Signing Key, "
    "chép khóa sang phần cài đặt cổng SMS; chưa có khóa thì tin đến bị từ chối."
)
_KEY_BY_HAND = "Nhớ nhập cùng một khóa ký ở Settings, Webhooks, Signing Key của ứng dụng."


class _RefusedError(Exception):
    """The phone does not take our address."""


async def connect(config: GatewayConfig, tools: Tools, public_url: str) -> str:
    """Register what is missing; told in Vietnamese what was done, or what a person has to do.

    It may be called again at any time. Registrations of this gateway under another address of
    ours are removed: the phone would repeat to them for days.
    """
    try:
        client = SmsGateClient(config, tools)
    except ValueError as fault:
        return f"Chưa nối được: {fault}."
    url = webhook_url(config, public_url)
    try:
        return await _connect(config, client, url)
    except _RefusedError:
        return _NO_HTTPS.format(url=url)
    except SendError as fault:
        return f"Chưa nối được: {fault.reason}. {ADVICE}"
    finally:
        await client.close()


async def _connect(config: GatewayConfig, client: SmsGateClient, url: str) -> str:
    there, _ = await client.listed("/webhooks")
    missing = _missing(there, url)
    for event in missing:
        await _register(config, client, event, url)
    stale = _stale(there, url)
    for name in stale:
        await client.call("DELETE", f"/webhooks/{quote(name, safe='')}")
    done = f"Đã đăng ký {len(missing)} loại tin báo" if missing else "Điện thoại đã nối từ trước"
    done += f", đã bỏ {len(stale)} địa chỉ cũ." if stale else "."
    return f"{done} {await _give_key(config, client)}".strip()


def _missing(there: Sequence[Payload], url: str) -> list[str]:
    known = {string(row, "event") for row in there if string(row, "url") == url}
    return [event for event in EVENTS if event not in known]


def _stale(there: Sequence[Payload], url: str) -> list[str]:
    """Registrations that name this gateway at another host."""
    path = urlsplit(url).path
    return [
        string(row, "id")
        for row in there
        if string(row, "id") and string(row, "url") != url and _path(row) == path
    ]


def _path(row: Payload) -> str:
    try:
        return urlsplit(string(row, "url")).path
    except ValueError:
        return ""


async def _register(config: GatewayConfig, client: SmsGateClient, event: str, url: str) -> None:
    body = {"url": url, "event": event}
    if config.option("device"):
        body["device_id"] = config.option("device")
    response = await client.call("POST", "/webhooks", json=body)
    if response.status_code == 400:
        raise _RefusedError
    raise_for(response)


async def _give_key(config: GatewayConfig, client: SmsGateClient) -> str:
    """Only the phone itself can be given the key; a server in front of it has none."""
    key = config.option("signing_key")
    if not key:
        return _NO_KEY
    if not client.is_phone:
        return _KEY_BY_HAND
    body = {"webhooks": {"signing_key": key}}
    response = await client.call("PATCH", "/settings", json=body)
    return "Đã đặt khóa ký trên điện thoại." if response.is_success else _KEY_BY_HAND
