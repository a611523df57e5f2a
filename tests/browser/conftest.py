"""A running demo and a Chromium whose every fault fails the test."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from bot.understanding.training import TrainedModel
from tests.browser.running import RunningDemo
from tests.browser.visitor import ARGUMENTS, NARROW, Visitor
from tests.peers import require

CHROMIUM_HINT = "Chromium is not installed: apt install chromium"


@pytest.fixture(scope="session")
def chromium() -> str:
    """Where Chromium is."""
    return require(shutil.which("chromium"), CHROMIUM_HINT)


@pytest.fixture(scope="module")
def shared_demo(
    chromium: str, trained: TrainedModel, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningDemo]:
    """One process for the tests of a module."""
    running = RunningDemo(tmp_path_factory.mktemp("demo"))
    yield running
    running.stop()
    log = running.log()
    assert "[error" not in log, log
    assert "Traceback" not in log, log


@pytest.fixture
def demo(shared_demo: RunningDemo) -> RunningDemo:
    """The demo, ready to answer (also after a test that left it dead)."""
    if not shared_demo.is_running:
        shared_demo.start()
    return shared_demo


@pytest.fixture(scope="module")
def browser(chromium: str, shared_demo: RunningDemo) -> Iterator[Browser]:
    """A real Chromium. Closed with the module: its event loop must not outlive it."""
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield launched
        launched.close()


@pytest.fixture
def visitor(browser: Browser, demo: RunningDemo) -> Iterator[Visitor]:
    """Somebody at a desk."""
    with_desk = Visitor(browser, demo.url)
    yield with_desk
    with_desk.context.close()
    assert with_desk.faults == []


@pytest.fixture
def phone_visitor(browser: Browser, demo: RunningDemo) -> Iterator[Visitor]:
    """Somebody with a small phone."""
    with_phone = Visitor(browser, demo.url, viewport=NARROW, has_touch=True)
    yield with_phone
    with_phone.context.close()
    assert with_phone.faults == []


@pytest.fixture
def page(visitor: Visitor) -> Page:
    """The demo page, open and ready."""
    return visitor.open_demo()
