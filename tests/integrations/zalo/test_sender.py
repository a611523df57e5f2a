"""The sender: what it sends, how it sorts failures, how it looks for a lost message."""

from __future__ import annotations

import json
import logging
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from structlog.testing import capture_logs

from bot.messages import (
    Choice,
    OutgoingKind,
    PermanentSendError,
    SendError,
    SendResult,
    Template,
    TemporarySendError,
    UnknownOutcomeError,
)
from integrations.zalo.account import ZaloAccount
from integrations.zalo.bucket import SharedBucket
from integrations.zalo.compose import compose
from integrations.zalo.oa.errors import Action, TokenUnavailableError
from integrations.zalo.oa.rules import OA_RULES
from integrations.zalo.oa.tokens import static_token
from integrations.zalo.oa.window import Quota
from integrations.zalo.sender import ONLY_RECEIPT, ZaloSender
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
    assert body == {"text": "Giấy chứng sinh"}


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
    long, bare = body["attachment"]["payload"]["buttons"]
    assert len(long["title"]) == 100
    assert bare == {"title": "Có", "type": "oa.query.hide", "payload": "Có"}
    assert "template_type" not in body["attachment"]["payload"]


# --- failures ----------------------------------------------------------------------


@pytest.mark.parametrize("code", sorted(OA_RULES))
async def test_every_code_of_the_table(code: int) -> None:
    rule = OA_RULES[code]
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
    accounts = town.accounts
    accounts[COMMUNE] = replace(accounts[COMMUNE], access_token=static_token("revoked"))
    await town.meet()
    with pytest.raises(TemporarySendError) as caught:
        await town.sender.send(outgoing())
    assert "quản trị viên OA" in caught.value.reason
    assert "revoked" not in caught.value.reason


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


# --- other ways to send ------------------------------------------------------------


class Recorder:
    """A Zalo that notes what it is asked and answers each path as told."""

    def __init__(self, **answers: object) -> None:
        self.answers = answers
        self.asked: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        name = request.url.path.rpartition("/")[2]
        return httpx.Response(200, json=self.answers.get(name, DELIVERED))

    @property
    def body(self) -> Any:
        return json.loads(self.asked[-1].content)


FORM = "https://xa.example.vn/static/form.png"


@pytest.mark.parametrize(
    ("text", "title", "subtitle"),
    [
        ("Xin số điện thoại\nĐể xã nhắc bà con.", "Xin số điện thoại", "Để xã nhắc bà con."),
        ("Xin số điện thoại", "Xin số điện thoại", "Xin số điện thoại"),
        ("t" * 120 + "\n" + "s" * 600, "t" * 99 + "…", "s" * 499 + "…"),
    ],
)
async def test_the_form_for_a_telephone_number(text: str, title: str, subtitle: str) -> None:
    zalo = Recorder()
    sender = ZaloSender({COMMUNE: ACCOUNT}, form_image=FORM, transport=httpx.MockTransport(zalo))
    await sender.send(outgoing(text, kind=OutgoingKind.ASK_PHONE))
    payload = zalo.body["message"]["attachment"]["payload"]
    assert payload["template_type"] == "request_user_info"
    assert payload["elements"] == [{"title": title, "subtitle": subtitle, "image_url": FORM}]
    await sender.close()


async def test_without_a_picture_there_is_no_form() -> None:
    sender = sender_to(Recorder())
    with pytest.raises(PermanentSendError) as caught:
        await sender.send(outgoing("Xin số", kind=OutgoingKind.ASK_PHONE))
    assert caught.value.other_way
    await sender.close()


REMINDER = Template("t-77", {"ten": "Bà Lan"})


async def test_a_template_goes_to_a_number_or_to_a_person() -> None:
    left: list[tuple[str, Quota]] = []
    by_phone = {
        "error": 0,
        "data": {"msg_id": "z1", "quota": {"dailyQuota": "500", "remainingQuota": "499"}},
    }
    zalo = Recorder(template=by_phone)
    sender = ZaloSender(
        {COMMUNE: ACCOUNT},
        on_quota=lambda commune, quota: left.append((commune, quota)),
        transport=httpx.MockTransport(zalo),
    )
    row = outgoing("", kind=OutgoingKind.TEMPLATE, template=REMINDER)
    sent = await sender.send(replace(row, address="+84912345678"))
    assert sent.provider_message_id == "z1"
    assert zalo.asked[-1].url.host == "business.openapi.zalo.me"
    assert zalo.body == {
        "phone": "84912345678",
        "template_id": "t-77",
        "template_data": {"ten": "Bà Lan"},
        "tracking_id": "o1",
    }
    assert left == [(COMMUNE, Quota("template_day", 499, 500))]
    await sender.send(row)
    assert zalo.asked[-1].url.path == "/v3.0/oa/message/template"
    assert zalo.body["user_id"] == USER
    with pytest.raises(TemporarySendError, match=ONLY_RECEIPT):
        await sender.find_sent(replace(row, first_tried_at=START))
    with pytest.raises(PermanentSendError):
        await sender.send(replace(row, template=None))
    await sender.close()


async def test_who_cannot_be_reached_may_be_reached_otherwise() -> None:
    for code, other_way in ((-230, True), (-213, True), (-201, False), (-248, False)):
        error = await failure(answering({"error": code}))
        assert isinstance(error, PermanentSendError)
        assert error.other_way is other_way


async def test_a_group_gets_the_words_without_mentions_and_buttons() -> None:
    zalo = Recorder()
    sender = ZaloSender({COMMUNE: ACCOUNT}, transport=httpx.MockTransport(zalo))
    await sender.send(outgoing("Hỏi: [@777] à?", Choice("Nhận"), address="group:g1"))
    assert zalo.asked[-1].url.path == "/v3.0/oa/group/message"
    assert zalo.body == {
        "recipient": {"group_id": "g1"},
        "message": {"text": "Hỏi: [ @777] à?"},
    }
    await sender.close()


def line(message_id: str, text: str, kind: str = "text", src: int = 0) -> dict[str, object]:
    at = int(START.timestamp() * 1000)
    return {"src": src, "time": at, "type": kind, "message": text, "message_id": message_id}


async def test_a_group_message_is_looked_for_as_it_was_sent() -> None:
    lines = [line("other", "khác"), line("mine", "Hỏi: [ @777] à?")]
    zalo = Recorder(conversation={"error": 0, "data": lines})
    sender = ZaloSender({COMMUNE: ACCOUNT}, transport=httpx.MockTransport(zalo))
    row = outgoing("Hỏi: [@777] à?", address="group:g1", first_tried_at=START)
    assert await sender.find_sent(row) == SendResult("mine")
    assert dict(zalo.asked[-1].url.params) == {"group_id": "g1", "offset": "0", "count": "10"}
    await sender.close()


async def test_a_form_is_found_as_a_line_that_is_no_text() -> None:
    lines = [line("word", "Xin số"), line("his", "", "photo", src=1), line("form", "", "list")]
    zalo = Recorder(conversation={"error": 0, "data": lines})
    sender = ZaloSender({COMMUNE: ACCOUNT}, transport=httpx.MockTransport(zalo))
    row = outgoing("Xin số", kind=OutgoingKind.ASK_PHONE, first_tried_at=START)
    assert await sender.find_sent(row) == SendResult("form")
    await sender.close()


async def test_waiting_for_the_limit_too_long_is_temporary() -> None:
    bucket = SharedBucket(patience=0)
    account = replace(ACCOUNT, per_minute=2)
    sender = ZaloSender(
        {COMMUNE: account}, bucket=bucket, transport=httpx.MockTransport(Recorder())
    )
    await sender.send(outgoing())
    with pytest.raises(TemporarySendError) as caught:
        await sender.send(outgoing())
    assert caught.value.retry_after is not None
    assert 0 < caught.value.retry_after <= 60
    await sender.close()


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("tel:+84900000113", {"type": "oa.open.phone", "payload": {"phone_code": "84900000113"}}),
        (
            "sms:+84900000113?body=HO%20TRO",
            {
                "type": "oa.open.sms",
                "payload": {"content": "HO TRO", "phone_code": "84900000113"},
            },
        ),
        ("sms:+84900000113", {"type": "oa.open.phone", "payload": {"phone_code": "84900000113"}}),
        ("https://a.vn", {"type": "oa.open.url", "payload": {"url": "https://a.vn"}}),
    ],
)
def test_links_open_what_the_phone_has(url: str, expected: dict[str, object]) -> None:
    message: Any = compose(outgoing("a", Choice("Mở", url=url)))
    assert message["attachment"]["payload"]["buttons"] == [{"title": "Mở"} | expected]
