"""Sends the outbox to Zalo: consultation messages, forms, templates, the officers' group."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial

import httpx
import structlog

from bot.channels import Sender
from bot.messages import (
    Outgoing,
    OutgoingKind,
    PermanentSendError,
    SendError,
    SendResult,
    Template,
    TemporarySendError,
    UnknownOutcomeError,
)
from integrations.outbound import new_client
from integrations.zalo.account import ZaloAccount
from integrations.zalo.bucket import SharedBucket
from integrations.zalo.compose import compose, group_id
from integrations.zalo.oa import errors
from integrations.zalo.oa.answers import Sent
from integrations.zalo.oa.client import OaClient, escape_mentions
from integrations.zalo.oa.messages import InvalidMessageError
from integrations.zalo.oa.throttle import Throttle, unlimited
from integrations.zalo.oa.window import Quota
from integrations.zalo.reconcile import IsKnown, Pages, no_text, sent_since, with_text

log = structlog.get_logger(__name__)

TIMEOUT = 10.0
CLOCK_SLACK = timedelta(seconds=5)
"""How far our clock and Zalo's may differ when a conversation is searched."""
NO_FORM = "chưa có địa chỉ ảnh cho biểu mẫu xin số điện thoại"
ONLY_RECEIPT = "tin mẫu chỉ biết được qua báo nhận của Zalo"
OnQuota = Callable[[str, Quota], None]
"""Commune, and what Zalo said is left."""


async def none_known(provider_message_id: str) -> bool:
    """For a sender without an outbox: no message was recorded before."""
    return False


def _ignore(commune: str, quota: Quota) -> None:
    """For who does not count."""


class ZaloSender(Sender):
    """One sender, and one HTTP client, for all communes; ``accounts`` is read at each call.

    ``is_known`` tells whether a provider's message id already belongs to a row of the
    outbox, so that a message of the same text is not taken for the one looked for.
    ``bucket`` keeps the limit of requests (None: we send until Zalo says -32); ``on_quota``
    hears after each message what is left; ``form_image`` is the public address of the picture
    on the form for a telephone number.
    A caller should let :data:`TIMEOUT` seconds pass between the unknown outcome and
    :meth:`find_sent`: Zalo may still be working on it.
    """

    def __init__(
        self,
        accounts: Mapping[str, ZaloAccount],
        *,
        is_known: IsKnown = none_known,
        bucket: SharedBucket | None = None,
        on_quota: OnQuota = _ignore,
        form_image: str = "",
        transport: httpx.AsyncBaseTransport | None = None,
        timeout: float = TIMEOUT,
    ) -> None:
        self._accounts = accounts
        self._is_known = is_known
        self._bucket = bucket
        self._on_quota = on_quota
        self._form_image = form_image
        self._http = new_client(transport, timeout)

    async def send(self, message: Outgoing) -> SendResult:
        client = self._client(message)
        try:
            sent = await self._send(client, message)
        except (errors.ZaloError, InvalidMessageError) as fault:
            raise translated(fault) from fault
        if sent.quota is not None:
            self._on_quota(message.commune, sent.quota)
        return SendResult(sent.message_id)

    async def find_sent(self, message: Outgoing) -> SendResult | None:
        if message.first_tried_at is None:
            return None
        if message.kind is OutgoingKind.TEMPLATE:
            raise TemporarySendError(ONLY_RECEIPT)
        pages = _pages(self._client(message), message)
        wanted = escape_mentions(message.text) if group_id(message) else message.text
        fits = no_text if message.kind is OutgoingKind.ASK_PHONE else with_text(wanted)
        since = message.first_tried_at - CLOCK_SLACK
        try:
            found = await sent_since(pages, fits, since, self._is_known)
        except errors.ZaloError as fault:
            told = translated(fault)
            wait = told.retry_after if isinstance(told, TemporarySendError) else None
            raise TemporarySendError(told.reason, wait) from fault
        return SendResult(found) if found else None

    async def close(self) -> None:
        await self._http.aclose()
        if self._bucket is not None:
            await self._bucket.close()

    async def _send(self, client: OaClient, message: Outgoing) -> Sent:
        if message.kind is OutgoingKind.TEMPLATE:
            return await _send_template(client, message, message.template)
        if message.kind is OutgoingKind.ASK_PHONE and not self._form_image:
            raise PermanentSendError(NO_FORM, other_way=True)
        body = compose(message, self._form_image)
        group = group_id(message)
        if group:
            return await client.send_to_group(group, body)
        return await client.send(message.address, body)

    def _client(self, message: Outgoing) -> OaClient:
        account = self._accounts.get(message.commune)
        if account is None:
            raise PermanentSendError("xã chưa khai báo Zalo OA")
        return OaClient(
            account.app_id,
            account.access_token,
            self._http,
            account.hosts,
            app_secret=account.app_secret,
            throttle=self._throttle(account),
        )

    def _throttle(self, account: ZaloAccount) -> Throttle:
        if self._bucket is None:
            return unlimited
        return self._bucket.throttle(account.oa_id, account.per_minute)


async def _send_template(client: OaClient, message: Outgoing, template: Template | None) -> Sent:
    if template is None:
        raise PermanentSendError("tin mẫu thiếu nội dung")
    if message.address.startswith("+"):
        return await client.send_template_to_phone(
            message.address, template.id, template.data, tracking_id=message.id
        )
    return await client.send_template_to_user(message.address, template.id, template.data)


def _pages(client: OaClient, message: Outgoing) -> Pages:
    group = group_id(message)
    if group:
        return partial(client.group_conversation, group)
    return partial(client.conversation, message.address)


def translated(fault: errors.ZaloError | InvalidMessageError) -> SendError:
    """A fault of the library as the outbox knows it."""
    match fault:
        case InvalidMessageError():
            return PermanentSendError("tin không đúng mẫu mà Zalo nhận")
        case errors.RefusedError():
            return _refused(fault.rule)
        case errors.UnknownOutcomeError():
            return UnknownOutcomeError(fault.reason)
        case errors.TokenUnavailableError():
            return TemporarySendError(fault.reason, fault.wait, needs_person=True)
        case errors.NotSentError() | errors.ThrottledError():
            return TemporarySendError(fault.reason, fault.wait)
        case _:
            return UnknownOutcomeError(fault.reason)


_FOR_A_PERSON = (errors.Action.TELL_OFFICER, errors.Action.REFRESH)


def _refused(rule: errors.Rule) -> SendError:
    log.warning(
        "zalo.refused", code=rule.code, action=rule.action.value, tell_officer=rule.tell_officer
    )
    if rule.action is errors.Action.GIVE_UP:
        return PermanentSendError(rule.reason, other_way=rule.other_way)
    return TemporarySendError(rule.reason, rule.wait, rule.action in _FOR_A_PERSON)
