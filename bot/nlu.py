"""The model's child process, as the worker and the commands start it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.core import StartError
from bot.settings import Settings
from bot.understanding.client import NluClient, NluUnavailable
from bot.understanding.training import current_model


def need_model(settings: Settings) -> None:
    """See that there is a trained model.

    Raises:
        StartError: there is none.
    """
    if current_model(settings.models_dir) is None:
        raise StartError("chưa có mô hình hiểu tiếng Việt: chạy `hotro train` trước")


def new_nlu(settings: Settings) -> NluClient:
    """The door to the model's child process (not started yet)."""
    return NluClient(lambda: current_model(settings.models_dir))


@asynccontextmanager
async def ready_nlu(settings: Settings) -> AsyncIterator[NluClient]:
    """A model's child process that answers until the block ends, for commands.

    Raises:
        StartError: there is no trained model, or it does not load or answer.
    """
    need_model(settings)
    nlu = new_nlu(settings)
    nlu.start()
    try:
        await nlu.wait_ready()
        yield nlu
    except NluUnavailable as error:
        raise StartError(f"mô hình không chạy được: {error}") from error
    finally:
        await nlu.stop()
