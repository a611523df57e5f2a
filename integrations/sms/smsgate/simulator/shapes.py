"""Bodies as the application writes them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from bot.clock import LOCAL
from integrations.simulation.journal import Bubble

Json = dict[str, object]
VERSION, RELEASE = "1.60.0", 260
STATE_KIND = "state"


def envelope(event: str, event_id: str, webhook_id: str, device: str, payload: Json) -> Json:
    """What is posted for one event and one registration."""
    return {
        "deviceId": device,
        "event": event,
        "id": event_id,
        "payload": payload,
        "webhookId": webhook_id,
    }


def received(bubble: Bubble, own_number: str, sim: int, is_old: bool) -> Json:
    """``sms:received``; an old application names one number only."""
    numbers: Json = {"phoneNumber": bubble.address}
    if not is_old:
        numbers |= {"sender": bubble.address, "recipient": own_number}
    return {
        "messageId": f"{hash((bubble.address, bubble.wire)) & 0xFFFFFFFF:x}",
        "message": bubble.wire,
        **numbers,
        "simNumber": sim,
        "receivedAt": local(bubble.at),
    }


def went_out(message_id: str, number: str, own_number: str, sim: int, is_old: bool) -> Json:
    """What all events of a sent message have in common."""
    numbers: Json = {"phoneNumber": number}
    if not is_old:
        numbers |= {"sender": own_number, "recipient": number}
    return {"messageId": message_id, **numbers, "simNumber": sim}


def inbox_row(bubble: Bubble, own_number: str, sim: int) -> Json:
    """One message of ``GET /inbox``."""
    return {
        "id": f"text:{bubble.seq}",
        "type": "SMS",
        "sender": bubble.address,
        "recipient": own_number,
        "simNumber": sim,
        "contentPreview": bubble.wire,
        "createdAt": local(bubble.at),
    }


def message_row(message_id: str, kept: Mapping[str, object], device: str) -> Json:
    """One message of ``GET /messages``; ``kept`` is its record."""
    recipient: Json = {
        "phoneNumber": kept["number"],
        "state": kept["state"],
        "error": kept["error"],
    }
    return {
        "id": message_id,
        "deviceId": device,
        "state": kept["state"],
        "isHashed": False,
        "isEncrypted": False,
        "recipients": [recipient],
        "states": kept["states"],
    }


def health(battery: int, is_charging: bool, failed: int) -> Json:
    """``GET /health``; status 500 belongs to ``fail``."""
    checks = {
        "messages:failed": _check(failed, "messages", "fail" if failed else "pass"),
        "connection:status": _check(1, "boolean", "pass"),
        "battery:level": _check(battery, "percent", "pass" if battery >= 25 else "warn"),
        "battery:charging": _check(4 if is_charging else 0, "flags", "pass"),
    }
    worst = "fail" if failed else "pass" if battery >= 25 else "warn"
    return {"status": worst, "version": VERSION, "releaseId": RELEASE, "checks": checks}


def _check(value: int, unit: str, status: str) -> Json:
    return {"description": "", "observedUnit": unit, "observedValue": value, "status": status}


def local(at: datetime) -> str:
    """An instant as the phone writes it."""
    return at.astimezone(LOCAL).isoformat(timespec="milliseconds")
