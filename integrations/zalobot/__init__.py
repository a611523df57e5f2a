"""Zalo Bot Platform: a free bot with a static token, for a commune without a paid OA.

Not the Official Account: another product, host, token and webhook. Nothing here was tried on
the real platform; these are the facts that the code stands on (H several sources, M one good
one, L guessed):

- ``POST https://bot-api.zaloplatforms.com/bot<TOKEN>/<method>``, JSON; the old host
  bot-api.zapps.me, which the vendor's own Python package still has, answers 404 to some
  methods (H). Answer ``{ok, result | error_code, description}``; 2xx alone means nothing (H).
- The HTTP status mirrors ``error_code`` in one recording, is 200 in another: read both (M).
- Codes of the documentation's table: 400 bad request, 401 token, **403 "internal server
  error"** (sic), 404 not found, 408 time-out, 429 quota, without figures (H).
- ``getUpdates {timeout}``: ONE update as an object, no offset and nothing to confirm: it is
  gone once handed out (H, openclaw issue 130566). Nothing new is ``ok: false`` with code 408,
  "Request timeout" (H, recorded). It does not work while a webhook is set (H; how it refuses:
  L). ``getWebhookInfo`` of a bot without webhook answers 404 (M, recorded).
- ``setWebhook {url, secret_token of 8-256}``: public HTTPS only; the secret comes back in
  ``X-Bot-Api-Secret-Token``; body ``{ok, result: update}``, seen bare as well (H). Whether and
  when Zalo repeats a webhook: unknown.
- Update ``{event_name, message: {message_id, from: {id, display_name, is_bot}, chat: {id,
  chat_type}, date (ms), text, caption, photo | photo_url, sticker, voice_url}}``; answers go to
  ``chat.id`` (H). ``event_name`` lacks in one sample of getUpdates (M); pictures really come
  as ``photo_url`` (H, openclaw pull 49172). ``message.unsupported.received`` also stands for
  people whose words Zalo withholds (M).
- ``sendMessage {chat_id, text of 1-2000}`` -> ``{message_id, date}`` (H). No buttons, no
  idempotency key, no history, no receipts (H). Whether a bot may write first: unknown.
- A bot's name begins with "Bot"; it is made in the Zalo app (OA "Zalo Bot Manager"), which
  sends the token as a message; at most 3 bots a person (M). Groups are a beta.

Sources: docs.zaloplatforms.com/docs/BOT as read on 2026-10-02 by stored file 71556321846, also
67098868671, 59034213863 and 59100558026 (error table), 61814643891 (recorded answers),
71109306593; openclaw extensions/zalo; goclaw issues 1542 and 1544; javis-os pulls 120 and 121.

Why no package: python-zalo-bot 0.1.9 (the vendor's) is asyncio but has the dead host, returns
nothing to tell an idle poll from a fault, puts the token into its exceptions and every failure
of the network, sent or not, into one class; zalobot-sdk is better but not on our index.
"""
