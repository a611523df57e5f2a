"""What every ``hotro`` command begins and ends with."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import click

from bot import logs
from bot.settings import Settings, SettingsError
from bot.settings import load as load_settings


def read_settings(**overrides: object) -> Settings:
    """The settings, with those that were given as options over them; a fault is one line."""
    try:
        settings = load_settings(**{k: v for k, v in overrides.items() if v is not None})
    except SettingsError as error:
        raise click.ClickException(str(error)) from error
    logs.configure(settings.log_level, settings.log_format)
    return settings


def say(line: str) -> None:
    """A line for who looks on, beside what the command prints."""
    click.echo(line, err=True)


def go(work: Coroutine[Any, Any, Any]) -> Any:
    """Run to the end; expected faults become one line and exit code 1."""
    from bot.core import StartError
    from bot.store.engine import StoreError

    try:
        return asyncio.run(work)
    except (StartError, StoreError, SettingsError) as error:
        raise click.ClickException(str(error)) from error
    except KeyboardInterrupt:
        raise SystemExit(130) from None
