"""The provider itself, without HTTP: what it accepted, what it reports, what comes in."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from base64 import b64encode
from collections.abc import Mapping
from urllib.parse import urlencode
from xml.etree import ElementTree

from bot.clock import LOCAL, Clock, local_date
from bot.text import fold
from integrations.simulation.courier import Courier
from integrations.simulation.journal import Bubble, Journal
from integrations.simulation.web import Bell
from integrations.sms.numbers import normalise
from integrations.sms.simulator.phones import Phones

REQUEST = "request"


class World:
    """State and rules; ``app`` puts HTTP around it."""

    def __init__(
        self,
        clock: Clock,
        journal: Journal,
        courier: Courier,
        *,
        short_code: str,
        cpid: str,
        mo_key: str,
        mo_url: str,
        hangs_behind: str,
        signs_in_hex: bool,
    ) -> None:
        self.short_code, self.cpid, self.mo_key, self.mo_url = short_code, cpid, mo_key, mo_url
        self.balance = 1_000_000
        self.unreachable: set[str] = set()
        """Numbers (E.164) at which nothing arrives."""
        self._phones = Phones(clock, journal)
        self._courier = courier
        self._hangs_behind = hangs_behind
        self._signs_in_hex = signs_in_hex
        self._last: tuple[str, str] = ("", "")

    @property
    def journal(self) -> Journal:
        """What is remembered."""
        return self._phones.journal

    @property
    def bell(self) -> Bell:
        """Wakes who waits for a handset."""
        return self._phones.bell

    def used(self, request_id: str) -> Mapping[str, object] | None:
        """The message of today with this RequestId."""
        return self.journal.record(REQUEST, f"{self._today()}/{request_id}")

    def accept(self, body: Mapping[str, str]) -> str:
        """Take one message; it arrives, or does not, and that is reported. Its SMSID."""
        sms_id, phone = secrets.token_hex(16), body["Phone"]
        request_id = body.get("RequestId", "")
        if request_id:
            key = f"{self._today()}/{request_id}"
            self.journal.save_record(REQUEST, key, {"SMSID": sms_id, "SendStatus": "5"})
        number = normalise(phone) or phone
        arrives = number not in self.unreachable and body.get("Sandbox", "0") == "0"
        if arrives:
            # Without the mark for letters with accents the operators take them away.
            accented = body.get("IsUnicode", "0") == "1"
            text = body["Content"] if accented else fold(body["Content"])
            self._phones.show(number, sms_id, text)
        if body.get("CallbackUrl") and body.get("Sandbox", "0") == "0":
            self._report(body["CallbackUrl"], sms_id, request_id, phone, arrives)
        return sms_id

    def write(self, number: str, text: str) -> tuple[Bubble, asyncio.Event]:
        """A handset sends ``text`` to the short code."""
        bubble = self._phones.type(number, text)
        at = bubble.at.astimezone(LOCAL).strftime("%Y%m%d%H%M%S")
        signed = f"{self.cpid}{bubble.message_id}{bubble.wire}{at}{self.mo_key}".encode()
        digest = hashlib.md5(signed, usedforsecurity=False).digest()
        query = {
            "sender": number.removeprefix("+"),
            "content": bubble.wire,
            "serviceNumber": self.short_code,
            "keyword": bubble.wire.split(" ")[0],
            "sign": digest.hex() if self._signs_in_hex else b64encode(digest).decode(),
            "cpid": self.cpid,
            "smsid": bubble.message_id,
            "receiverTime": at,
        }
        self._last = (number, f"{self.mo_url}?{urlencode(query)}")
        return bubble, self.repeat()

    def repeat(self) -> asyncio.Event:
        """Hand in once more what was written last."""
        number, url = self._last
        return self._courier.post(number, url.encode(), "mo")

    def answered(self, number: str, body: bytes) -> None:
        """The answer to a message of ``number``: what it says goes to the phone.

        Raises:
            ValueError: it is not the declared XML.
        """
        root = ElementTree.fromstring(body)
        if root.tag != "ClientResponse" or {e.tag for e in root} != {
            "Message",
            "Smsid",
            "Receiver",
        }:
            raise ValueError("not a ClientResponse")
        text = root.findtext("Message") or ""
        if text:
            self._phones.show(normalise(number) or number, secrets.token_hex(8), text)

    def _report(self, url: str, sms_id: str, request_id: str, phone: str, arrives: bool) -> None:
        query = {
            "SMSID": sms_id,
            "SendFailed": "0" if arrives else "1",
            "SendStatus": "5",
            "SendSuccess": "1" if arrives else "0",
            "TotalPrice": "850.0000",
            "TotalReceiver": "1",
            "TotalSent": "1",
            "RequestId": request_id,
            "TypeId": "2",
            "telcoid": "1",
            "phonenumber": phone,
        }
        mark = self._hangs_behind if "?" in url else "?"
        self._courier.post(phone, f"{url}{mark}{urlencode(query)}".encode(), "dlr")

    def _today(self) -> str:
        return local_date(self._phones.clock.now()).isoformat()
