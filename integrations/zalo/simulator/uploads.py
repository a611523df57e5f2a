"""``/v2.0/oa/upload/*``: multipart field ``file``; what was uploaded lives 7 days (sheet 4)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from aiohttp import BodyPartReader, web

from integrations.zalo.oa.limits import FILE_BYTES, IMAGE_BYTES
from integrations.zalo.simulator.drafts import FILE, GIF, IMAGE, Draft
from integrations.zalo.simulator.gate import Gate, Handler
from integrations.zalo.simulator.ground import new_id
from integrations.zalo.simulator.media import PICTURE
from integrations.zalo.simulator.shapes import RefusedError
from integrations.zalo.simulator.world import World

LIFE = timedelta(days=7)
MONTH = timedelta(days=30)
_UPLOAD = "upload"
_CHUNK = 64 * 1024


@dataclass(frozen=True, slots=True)
class _Kind:
    most: int
    answer: str
    fits: Callable[[str, bytes], bool]


def _is_image(name: str, content: bytes) -> bool:
    return content.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"))


def _is_gif(name: str, content: bytes) -> bool:
    return content.startswith((b"GIF87a", b"GIF89a"))


def _is_document(name: str, content: bytes) -> bool:
    lower = name.lower()
    if lower.endswith(".pdf"):
        return content.startswith(b"%PDF")
    return lower.endswith((".doc", ".docx", ".csv")) and bool(content)


_KINDS = {
    IMAGE: _Kind(IMAGE_BYTES, "attachment_id", _is_image),
    GIF: _Kind(FILE_BYTES, "attachment_id", _is_gif),
    FILE: _Kind(FILE_BYTES, "token", _is_document),
}


class Uploads:
    """Takes files and knows for how long they may be sent."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self, gate: Gate) -> list[web.RouteDef]:
        """One endpoint for each kind."""
        return [
            web.post(f"/v2.0/oa/upload/{kind}", gate.guard(self._taker(kind), "upload"))
            for kind in _KINDS
        ]

    def attach(self, draft: Draft) -> Draft:
        """``draft`` with the name of the file it refers to.

        Raises:
            RefusedError: -201 it was not, -100 more than 7 days ago.
        """
        if not draft.upload:
            return draft
        record = self._world.journal.record(_UPLOAD, draft.upload)
        if record is None or record.get("kind") != draft.kind:
            raise RefusedError(-201, "attachment_id is invalid")
        if self._world.clock.now() - _at(record) > LIFE:
            raise RefusedError(-100, "attachment has expired")
        if draft.kind != FILE:
            return draft
        name, size = str(record["name"]), str(record["size"])
        return replace(draft, payload={"name": name, "size": size, "url": f"{PICTURE}/{name}"})

    def _taker(self, kind: str) -> Handler:
        async def take(request: web.Request) -> object:
            self._check_allowance()
            name, content = await _file_of(request, _KINDS[kind].most)
            if not _KINDS[kind].fits(name, content):
                raise RefusedError(-201, "file type is invalid")
            return {_KINDS[kind].answer: self._keep(kind, name, len(content))}

        return take

    def _check_allowance(self) -> None:
        since = self._world.clock.now() - MONTH
        uploads = self._world.journal.records(_UPLOAD).values()
        if sum(_at(one) > since for one in uploads) >= self._world.policy.uploads_per_month:
            raise RefusedError(-211, "upload quota is used up")

    def _keep(self, kind: str, name: str, size: int) -> str:
        key, at = new_id() + new_id(), self._world.clock.now().isoformat()
        record = {"kind": kind, "name": name, "size": size, "at": at}
        self._world.journal.save_record(_UPLOAD, key, record)
        return key


async def _file_of(request: web.Request, most: int) -> tuple[str, bytes]:
    if request.content_type != "multipart/form-data":
        raise RefusedError(-201, "body is invalid")
    async for part in await request.multipart():
        if isinstance(part, BodyPartReader) and part.name == "file":
            return part.filename or "", await _bounded(part, most)
    raise RefusedError(-201, "file is invalid")


async def _bounded(part: BodyPartReader, most: int) -> bytes:
    content = bytearray()
    while chunk := await part.read_chunk(_CHUNK):
        content += chunk
        if len(content) > most:
            raise RefusedError(-210, "file is over limit")
    return bytes(content)


def _at(record: dict[str, object]) -> datetime:
    return datetime.fromisoformat(str(record["at"]))
