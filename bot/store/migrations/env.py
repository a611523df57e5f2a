"""Alembic's environment: always on the connection that bot.store.migrate hands over."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import DateTime

from bot.store.models import Base, UtcDateTime


def _render(kind: str, item: Any, _autogen: AutogenContext) -> str | Literal[False]:
    """Write plain column types, so that migrations do not import today's models."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def _same_type(
    _context: Any, _inspected: Any, _metadata: Any, inspected_type: Any, metadata_type: Any
) -> bool | None:
    if isinstance(metadata_type, UtcDateTime):
        return not isinstance(inspected_type, DateTime)
    return None


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    render_item=_render,
    compare_type=_same_type,
)
with context.begin_transaction():
    context.run_migrations()
