"""Renders the citizen's pages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from integrations.webchat.security import secured
from integrations.webchat.session import cookie_path
from integrations.webchat.views import CommuneView, sms_link, spoken, tel_link, zalo_link

HERE = Path(__file__).parent
_BOARD = re.compile(r"[A-Za-z0-9_-]{1,48}")
_PROCEDURE = re.compile(r"[a-z_]{1,40}")

_templates = Environment(
    loader=FileSystemLoader(HERE / "templates"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=StrictUndefined,
)


@dataclass(frozen=True, slots=True)
class Opening:
    """How the citizen came: over which board, about which procedure."""

    board: str
    procedure: str

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Opening:
        """Read ``?b=`` and ``?p=``; what does not look like one counts as absent."""
        board, procedure = query.get("b", ""), query.get("p", "")
        return cls(
            board if _BOARD.fullmatch(board) else "",
            procedure if _PROCEDURE.fullmatch(procedure) else "",
        )

    @property
    def start_text(self) -> str:
        """The payload with which the page greets the bot."""
        return f"#hoi.{self.procedure}" if self.procedure else "#chao"

    @property
    def start_id(self) -> str:
        """The same for one session and board: the bot greets once for it."""
        return "start-" + (self.board or self.procedure or "0")


def chat_page(commune: CommuneView, opening: Opening, sms_keyword: str) -> web.Response:
    """The chat of ``commune``."""
    return _page(
        "chat.html",
        200,
        commune=commune,
        opening=opening,
        endpoint=cookie_path(commune.id),
        phone_text=spoken(commune.phone),
        phone_link=tel_link(commune.phone),
        zalo=zalo_link(commune.zalo_oa_id),
        sms=sms_link(commune.sms_number, sms_keyword),
        sms_keyword=sms_keyword,
        sms_text=spoken(commune.sms_number),
    )


def missing_page(title: str, text: str) -> web.Response:
    """A friendly 404."""
    return _page("missing.html", 404, title=title, text=text)


def _page(template: str, status: int, **values: Any) -> web.Response:
    html = _templates.get_template(template).render(**values)
    return secured(web.Response(text=html, status=status, content_type="text/html"))
