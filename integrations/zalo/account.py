"""One commune's Official Account: its ids, secrets and where its access token comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from integrations.zalo.oa.client import Hosts
from integrations.zalo.oa.tokens import TokenSource


@dataclass(frozen=True, slots=True)
class ZaloAccount:
    """What is needed to talk for one OA.

    ``oa_secret`` is the *OA secret key* of the console's webhook page, not the app secret.
    Empty means that the webhook is being set up: Zalo tests the address before it shows
    the key, so events are then answered with 200 and dropped. With ``app_secret`` each call
    carries ``appsecret_proof``. ``per_minute`` requests come with the OA's package.
    ``officer_group`` and ``public_group`` are ids of groups that the OA made; ``templates``
    are ids of approved texts by our names of them; ``auto_replies`` are the texts that OA
    Manager sends by itself, which no officer wrote.
    """

    app_id: str
    oa_id: str
    oa_secret: str = field(repr=False)
    access_token: TokenSource = field(repr=False)
    app_secret: str = field(default="", repr=False)
    hosts: Hosts = field(default_factory=Hosts)
    per_minute: int = 100
    officer_group: str = ""
    public_group: str = ""
    templates: Mapping[str, str] = field(default_factory=dict)
    auto_replies: tuple[str, ...] = ()
