"""The sender: what it sends, how it sorts failures, how it looks for a lost message."""

from __future__ import annotations

import json
import logging
import unicodedata
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest
from structlog.testing import capture_logs

from bot.messages import (
    Choice,
    PermanentSendError,
    SendError,
    TemporarySendError,
    UnknownOutcomeError,
)
from integrations.zalo.account import TokenUnavailableError, ZaloAccount, static_token
from integrations.zalo.client import ZaloSender
from integrations.zalo.compose import compose
from integrations.zalo.errors import RULES, Action
from tests.integrations.zalo.conftest import ACCOUNT, COMMUNE, START, TOKEN, USER, Town, outgoing

Handler = Callable[[httpx.Request], httpx.Response]
DELIVERED = {"data": {"message_id": "m1"}, "error": 0, "message": "Success"}


def sender_to(handler: Handler, account: ZaloAccount = ACCOUNT) -> ZaloSender:
    return ZaloSender({COMMUNE: account}, transport=httpx.MockTransport(handler))


def answering(*answers: object, status: int = 200) -> Handler:
    """A Zalo that gives ``answers`` one after the other, the last one for ever."""
    left = list(answers)

    def handler(request: httpx.Request) -> httpx.Response:
        answer = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(answer, str):
            return httpx.Response(status, text=answer)
        return httpx.Response(status, json=answer)

    return handler


def raising(error: Exception) -> Handler:
    def handler(request: httpx.Request) -> httpx.Response:
        raise error

    return handler


async def failure(handler: Handler, account: ZaloAccount = ACCOUNT) -> SendError:
    sender = sender_to(handler, account)
    with pytest.raises(SendError) as caught:
        await sender.send(outgoing())
    await sender.close()
    return caught.value


# --- the body ----------------------------------------------------------------------


def test_a_plain_text_in_nfc() -> None:
    decomposed = unicodedata.normalize("NFD", "Giấy chứng sinh")
    body = compose(outgoing(decomposed))
    assert body == {"recipient": {"user_id": USER}, "message": {"text": "Giấy chứng sinh"}}


def test_nfd_letters_count_once() -> None:
    compose(outgoing(unicodedata.normalize("NFD", "ệ" * 2000)))


@pytest.mark.parametrize(
    "message",
    [
        outgoing(""),
        outgoing("a" * 2001),
        outgoing("a", *[Choice(str(n), str(n)) for n in range(6)]),
        outgoing("a", Choice("x", "p" * 1001)),
    ],
)
def test_limits_are_permanent(message: Any) -> None:
    with pytest.raises(PermanentSendError):
        compose(message)


def test_long_labels_are_cut_and_bare_labels_are_payloads() -> None:
    body: Any = compose(outgoing("a", Choice("x" * 150), Choice("Có")))
    long, bare = body["message"]["attachment"]["payload"]["buttons"]
    assert len(long["title"]) == 100
    assert bare == {"title": "Có", "type": "oa.query.hide", "payload": "Có"}
    assert "template_type" not in body["message"]["attachment"]["payload"]


# --- failures ----------------------------------------------------------------------


@pytest.mark.parametrize("code", sorted(RULES))
async def test_every_code_of_the_table(code: int) -> None:
    rule = RULES[code]
    error = await failure(answering({"error": code, "message": "secret words of Zalo"}))
    permanent = rule.action is Action.GIVE_UP
    assert isinstance(error, PermanentSendError if permanent else TemporarySendError)
    assert "secret words" not in error.reason
    assert rule.sentence in error.reason
    assert rule.sentence.endswith(".")
    if isinstance(error, TemporarySendError):
        assert error.retry_after


async def test_an_unknown_code_is_tried_again() -> None:
    error = await failure(answering({"error": "-99999", "message": "?"}))
    assert isinstance(error, TemporarySendError)


@pytest.mark.parametrize("raised", [httpx.ConnectError("x"), httpx.ConnectTimeout("x")])
async def test_what_never_left_is_temporary(raised: Exception) -> None:
    assert isinstance(await failure(raising(raised)), TemporarySendError)


@pytest.mark.parametrize(
    "raised",
    [
        httpx.ReadTimeout("x"),
        httpx.ReadError("x"),
        httpx.WriteTimeout("x"),
        httpx.RemoteProtocolError("x"),
    ],
)
async def test_what_may_have_arrived_is_unknown(raised: Exception) -> None:
    assert isinstance(await failure(raising(raised)), UnknownOutcomeError)


@pytest.mark.parametrize(
    ("handler", "kind"),
    [
        (answering("<html>", status=502), UnknownOutcomeError),
        (answering("", status=200), UnknownOutcomeError),
        (answering("<html>", status=200), UnknownOutcomeError),
        (answering([1], status=200), UnknownOutcomeError),
        (answering({"ok": True}, status=200), UnknownOutcomeError),
        (answering({"error": 0, "data": {}}, status=200), UnknownOutcomeError),
        (answering({"error": True}, status=200), UnknownOutcomeError),
        (answering("busy", status=503), TemporarySendError),
        (answering("slow down", status=429), TemporarySendError),
        (answering("forbidden", status=403), TemporarySendError),
        (answering({"error": -213}, status=400), PermanentSendError),
    ],
)
async def test_odd_answers(handler: Handler, kind: type[SendError]) -> None:
    assert type(await failure(handler)) is kind


async def test_a_token_that_cannot_be_a_header_is_temporary() -> None:
    account = ZaloAccount("1", "2", "3", static_token("mã\nhỏng"))
    assert isinstance(await failure(answering(DELIVERED), account), TemporarySendError)


async def test_a_commune_without_an_account() -> None:
    sender = ZaloSender({})
    with pytest.raises(PermanentSendError):
        await sender.send(outgoing())
    await sender.close()


# --- tokens ------------------------------------------------------------------------


class Renewing:
    """A token source that gives the next token when one was refused."""

    def __init__(self, *tokens: str) -> None:
        self.tokens = iter(tokens)
        self.current = next(self.tokens)
        self.refused: list[str] = []

    async def __call__(self, refused: str | None = None) -> str:
        if refused == self.current:
            self.refused.append(refused)
            self.current = next(self.tokens, "")
        if not self.current:
            raise TokenUnavailableError
        return self.current


def only_token(good: str, refusal: dict[str, object], status: int = 200) -> Handler:
    def handler(request: httpx.Request) -> httpx.Response:
        if request.headers["access_token"] == good:
            return httpx.Response(200, json=DELIVERED)
        return httpx.Response(status, json=refusal)

    return handler


@pytest.mark.parametrize("code", [-216, 216, -220, -401, 401])
async def test_a_refused_token_is_renewed_once(code: int) -> None:
    source = Renewing("old", "new")
    account = ZaloAccount("1", "2", "3", source)
    sender = sender_to(only_token("new", {"error": code}), account)
    assert (await sender.send(outgoing())).provider_message_id == "m1"
    assert source.refused == ["old"]
    await sender.close()


async def test_http_401_is_the_same(town: Town) -> None:
    account = ZaloAccount("1", "2", "3", Renewing("old", "new"))
    sender = sender_to(only_token("new", {}, status=401), account)
    assert (await sender.send(outgoing())).provider_message_id == "m1"
    await sender.close()


async def test_two_refused_tokens_are_enough() -> None:
    source = Renewing("old", "older", "new")
    account = ZaloAccount("1", "2", "3", source)
    error = await failure(only_token("new", {"error": -216}), account)
    assert isinstance(error, TemporarySendError)
    assert source.refused == ["old"]


async def test_a_static_token_cannot_be_renewed(town: Town) -> None:
    town.simulator.openapi.access_token = "changed"
    await town.meet()
    with pytest.raises(TemporarySendError) as caught:
        await town.sender.send(outgoing())
    assert "quản trị viên OA" in caught.value.reason
    assert TOKEN not in caught.value.reason


# --- looking for a lost message ----------------------------------------------------


@pytest.fixture
def since(town: Town) -> dict[str, Any]:
    return {"first_tried_at": town.clock.now()}


async def test_a_lost_answer_is_found(town: Town, since: dict[str, Any]) -> None:
    await town.meet()
    town.faults.drop_answers, town.faults.drop_seconds = 1, 0.05
    with pytest.raises(UnknownOutcomeError):
        await town.sender.send(outgoing("Mang theo giấy chứng sinh. "))
    await town.simulator.courier.idle()
    found = await town.sender.find_sent(outgoing("Mang theo giấy chứng sinh.", **since))
    assert found is not None
    assert found.provider_message_id == town.intake.echoes[0].provider_message_id


async def test_a_client_that_gave_up_is_not_waited_for(town: Town, since: dict[str, Any]) -> None:
    await town.meet()
    town.faults.drop_answers = 1
    sender = ZaloSender(town.accounts, timeout=0.1)
    with pytest.raises(UnknownOutcomeError, match="ReadTimeout"):
        await sender.send(outgoing())
    assert await sender.find_sent(outgoing(**since)) is not None
    await sender.close()


async def test_no_log_names_the_person_or_the_token(
    town: Town, since: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with capture_logs() as logs:
        await town.meet()
        await town.sender.send(outgoing())
        await town.sender.find_sent(outgoing(**since))
        town.clock.advance(timedelta(days=8))
        with pytest.raises(PermanentSendError):
            await town.sender.send(outgoing())
    assert [entry["code"] for entry in logs] == [-230]
    # The simulator's own access log names its phones.
    ours = [r.getMessage() for r in caplog.records if r.name != "aiohttp.access"]
    for secret in (USER, TOKEN, "Xin chào"):
        assert secret not in f"{ours}{logs}"


async def test_nothing_was_tried_nothing_is_looked_for(town: Town) -> None:
    assert await town.sender.find_sent(outgoing()) is None


async def test_the_same_words_of_the_citizen_or_of_yesterday_do_not_count(town: Town) -> None:
    await town.meet("Xin chào bà con")
    await town.sender.send(outgoing())
    town.clock.advance(timedelta(minutes=1))
    await town.meet("Xin chào bà con")
    row = outgoing(first_tried_at=town.clock.now())
    assert await town.sender.find_sent(row) is None
    town.clock.advance(timedelta(seconds=1))
    sent = await town.sender.send(outgoing())
    assert await town.sender.find_sent(row) == sent


async def test_a_message_that_the_outbox_knows_does_not_count(
    town: Town, since: dict[str, Any]
) -> None:
    await town.meet()
    first = await town.sender.send(outgoing())
    second = await town.sender.send(outgoing())
    known = {first.provider_message_id}

    async def is_known(message_id: str) -> bool:
        return message_id in known

    sender = ZaloSender(town.accounts, is_known=is_known)
    row = outgoing(**since)
    assert await sender.find_sent(row) == second
    known.add(second.provider_message_id)
    assert await sender.find_sent(row) is None
    await sender.close()
    assert await town.sender.find_sent(row) == first


async def test_it_is_found_many_pages_back(town: Town, since: dict[str, Any]) -> None:
    await town.meet()
    sent = await town.sender.send(outgoing())
    for n in range(35):
        town.simulator.world.type(USER, f"tin {n}")
    row = outgoing(**since)
    assert await town.sender.find_sent(row) == sent
    assert await town.sender.find_sent(outgoing("chưa gửi", **since)) is None
    for n in range(200):
        town.simulator.world.type(USER, f"tin {n}")
    with pytest.raises(TemporarySendError):
        await town.sender.find_sent(row)


@pytest.mark.parametrize(
    "handler",
    [
        answering("down", status=500),
        answering({"error": -32}),
        answering({"error": -201}),
        answering({"error": 0, "data": "?"}),
        raising(httpx.ReadTimeout("x")),
    ],
)
async def test_what_cannot_be_told_now_is_temporary(handler: Handler) -> None:
    sender = sender_to(handler)
    with pytest.raises(TemporarySendError):
        await sender.find_sent(outgoing(first_tried_at=START))
    await sender.close()


async def test_the_question_is_asked_as_zalo_wants_it() -> None:
    asked: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, json={"error": 0, "data": []})

    sender = sender_to(handler)
    assert await sender.find_sent(outgoing(first_tried_at=START)) is None
    (request,) = asked
    assert request.url.path == "/v2.0/oa/conversation"
    data = json.loads(request.url.params["data"])
    assert data == {"user_id": USER, "offset": 0, "count": 10}
    assert request.headers["access_token"] == TOKEN
    await sender.close()
