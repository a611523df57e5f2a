"""Consultation messages to one person, and what they need: uploads, reactions."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from integrations.fields import identifier, part
from integrations.zalo.oa import messages, uploads
from integrations.zalo.oa.answers import Sent
from integrations.zalo.oa.caller import Caller
from integrations.zalo.oa.errors import RefusedError, UnknownOutcomeError
from integrations.zalo.oa.messages import Button, Message
from integrations.zalo.oa.transport import Answer

SEND = "/v3.0/oa/message/cs"
REACT = "/v2.0/oa/message"
UPLOAD = "/v2.0/oa/upload/"
_QUOTE_CODES = frozenset({-201, -210})


class Messaging(Caller):
    """``message`` is what the builders of :mod:`integrations.zalo.oa.messages` give."""

    async def send(self, user_id: str, message: Message) -> Sent:
        """Send one message; an answer to a message that is too old goes out as a plain one."""
        return await self._send(SEND, {"user_id": user_id}, message)

    async def send_text(
        self,
        user_id: str,
        text: str,
        buttons: Sequence[Button] = (),
        *,
        quote_message_id: str = "",
    ) -> Sent:
        """Send a text of up to 2,000 characters with up to five buttons."""
        message = messages.text_message(text, buttons, quote_message_id=quote_message_id)
        return await self.send(user_id, message)

    async def send_image(
        self, user_id: str, *, url: str = "", attachment_id: str = "", caption: str = ""
    ) -> Sent:
        """Send a picture by address or upload."""
        message = messages.image(url=url, attachment_id=attachment_id, caption=caption)
        return await self.send(user_id, message)

    async def send_gif(
        self, user_id: str, *, width: int, height: int, url: str = "", attachment_id: str = ""
    ) -> Sent:
        """Send a moving picture of ``width`` by ``height`` pixels."""
        message = messages.gif(width=width, height=height, url=url, attachment_id=attachment_id)
        return await self.send(user_id, message)

    async def send_sticker(self, user_id: str, attachment_id: str) -> Sent:
        """Send a sticker of Zalo's."""
        return await self.send(user_id, messages.sticker(attachment_id))

    async def send_file(self, user_id: str, token: str) -> Sent:
        """Send an uploaded file."""
        return await self.send(user_id, messages.file(token))

    async def request_user_info(
        self, user_id: str, title: str, subtitle: str, image_url: str
    ) -> Sent:
        """Show Zalo's form for name and telephone."""
        return await self.send(user_id, messages.request_user_info(title, subtitle, image_url))

    async def react(self, user_id: str, message_id: str, icon: str) -> None:
        """Put ``icon`` (``/-heart``, ...) on a message; ``/-remove`` takes it away."""
        action = {"react_icon": icon, "react_message_id": message_id}
        await self.post(REACT, {"recipient": {"user_id": user_id}, "sender_action": action})

    async def upload_image(self, raw: bytes, name: str) -> str:
        """Upload a JPEG or PNG of up to 1 MB; returns the attachment id, good for 7 days.

        Raises:
            InvalidMessageError: it would be refused.
        """
        return await self._upload("image", uploads.image_part(raw, name), "attachment_id")

    async def upload_gif(self, raw: bytes, name: str) -> str:
        """Upload a GIF of up to 5 MB; returns the attachment id."""
        return await self._upload("gif", uploads.gif_part(raw, name), "attachment_id")

    async def upload_file(self, raw: bytes, name: str) -> str:
        """Upload a PDF, DOC or DOCX of up to 5 MB; returns the token."""
        return await self._upload("file", uploads.file_part(raw, name), "token")

    async def _upload(self, kind: str, file: uploads.Part, name: str) -> str:
        answer = await self.post_file(UPLOAD + kind, file)
        found = part(answer, "data").get(name)
        if not isinstance(found, str) or not found:
            raise UnknownOutcomeError("Zalo nhận tệp nhưng không cho mã tệp")
        return found

    async def _send(self, path: str, recipient: dict[str, str], message: Message) -> Sent:
        try:
            answer = await self.post(path, {"recipient": recipient, "message": message})
        except RefusedError as fault:
            if not (messages.is_quote(message) and _about_quote(fault)):
                raise
            plain = messages.without_quote(message)
            answer = await self.post(path, {"recipient": recipient, "message": plain})
        return sent(answer)


def sent(answer: Answer) -> Sent:
    """The message that was taken.

    Raises:
        UnknownOutcomeError: without its id nothing can be matched later.
    """
    taken = Sent.parse(part(answer, "data"))
    if not identifier(taken.message_id):
        raise UnknownOutcomeError("Zalo nhận tin nhưng không cho mã tin")
    return taken


async def send_upload(
    send: Callable[[str], Awaitable[Sent]], upload: Callable[[], Awaitable[str]], kept: str = ""
) -> tuple[Sent, str]:
    """Send a kept upload, uploading it first when there is none and again when it is too old.

    Returns the message and the upload's id, to be kept for next time.
    """
    if kept:
        try:
            return await send(kept), kept
        except RefusedError as fault:
            if not fault.rule.upload_again:
                raise
    fresh = await upload()
    return await send(fresh), fresh


def _about_quote(fault: RefusedError) -> bool:
    return fault.rule.code in _QUOTE_CODES and "quote" in fault.detail.lower()
