"""Templates, and the answers made from them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

_HERE = Path(__file__).parent
STATIC = _HERE / "static"
_TEMPLATES = Environment(
    loader=FileSystemLoader(_HERE / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def text(template: str, **values: Any) -> str:
    """Render a template."""
    return _TEMPLATES.get_template(template).render(values)


def page(template: str, status: int = 200, **values: Any) -> web.Response:
    """An HTML answer."""
    return web.Response(
        text=text(template, **values), status=status, content_type="text/html", charset="utf-8"
    )


def go(path: str) -> web.Response:
    """Send the browser on with GET."""
    return web.Response(status=303, headers={"Location": path})
