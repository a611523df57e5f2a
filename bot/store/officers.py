"""Officers and their logins."""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store.models import Officer, OfficerSession

SESSION_LIFE = timedelta(hours=12)
MIN_PASSWORD = 10
_HASHER = PasswordHasher()


@cache
def _nobody() -> str:
    """Checked for unknown users too, so that timing does not tell which usernames exist."""
    return _HASHER.hash(secrets.token_hex(16))


class BadCredentials(Exception):
    """Unknown user, wrong password or disabled account; deliberately not which."""


@dataclass(frozen=True, slots=True)
class Login:
    """An officer who is logged in."""

    officer_id: int
    commune: str
    username: str
    name: str
    csrf: str


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a password is checked against; ``officer_id`` is None when nobody may log in."""

    officer_id: int | None
    password_hash: str


def hashed(password: str) -> str:
    """Argon2id of a new password. Slow on purpose: call it in a thread.

    Raises:
        ValueError: it is under 10 characters (in Vietnamese).
    """
    if len(password) < MIN_PASSWORD:
        raise ValueError(f"mật khẩu cần ít nhất {MIN_PASSWORD} ký tự")
    return _HASHER.hash(password)


def matches(credentials: Credentials, password: str) -> bool:
    """Whether the password is right. Slow on purpose, for unknown users too: use a thread."""
    try:
        _HASHER.verify(credentials.password_hash, password)
    except VerificationError:
        return False
    return credentials.officer_id is not None


async def add(
    session: AsyncSession, commune: str, username: str, name: str, password: str, now: datetime
) -> int:
    """Make an officer.

    Raises:
        ValueError: bad or taken username, or a password under 10 characters (in Vietnamese).
    """
    if not re.fullmatch(r"[a-z0-9._-]{2,40}", username):
        raise ValueError("tên đăng nhập chỉ gồm chữ thường không dấu, số, dấu . _ - (2-40 ký tự)")
    password_hash = hashed(password)
    if await session.scalar(select(Officer.id).where(Officer.username == username)):
        raise ValueError(f"đã có cán bộ tên đăng nhập {username}")
    officer = Officer(
        commune=commune,
        username=username,
        name=name[:80],
        password_hash=password_hash,
        created_at=now,
    )
    session.add(officer)
    await session.flush()
    return officer.id


async def set_password(session: AsyncSession, username: str, password: str) -> bool:
    """Change a password and end the officer's logins; False when there is no such officer."""
    password_hash = hashed(password)
    officer = await session.scalar(select(Officer).where(Officer.username == username))
    if officer is None:
        return False
    await set_hash(session, officer.id, password_hash)
    return True


async def set_hash(session: AsyncSession, officer_id: int, password_hash: str) -> None:
    """Store a password that is hashed already, and end the officer's logins."""
    officer = await session.get_one(Officer, officer_id)
    officer.password_hash = password_hash
    await session.execute(delete(OfficerSession).where(OfficerSession.officer_id == officer_id))


async def credentials(session: AsyncSession, username: str) -> Credentials:
    """What a login as ``username`` is checked against; never tells whether there is one."""
    officer = await session.scalar(select(Officer).where(Officer.username == username))
    if officer is None or officer.disabled_at is not None:
        return Credentials(None, _nobody())
    return Credentials(officer.id, officer.password_hash)


async def open_session(
    session: AsyncSession, checked: Credentials, now: datetime
) -> tuple[str, Login]:
    """Return a fresh session token and who it is, after :func:`matches` said yes.

    Raises:
        BadCredentials: meanwhile the account was disabled or its password changed.
    """
    officer = await session.get(Officer, checked.officer_id) if checked.officer_id else None
    if (
        officer is None
        or officer.disabled_at is not None
        or officer.password_hash != checked.password_hash
    ):
        raise BadCredentials
    await session.execute(delete(OfficerSession).where(OfficerSession.expires_at <= now))
    token, csrf = secrets.token_urlsafe(32), secrets.token_urlsafe(24)
    session.add(
        OfficerSession(
            token_hash=_hash(token),
            commune=officer.commune,
            officer_id=officer.id,
            csrf=csrf,
            created_at=now,
            expires_at=now + SESSION_LIFE,
        )
    )
    return token, _login(officer, csrf)


async def log_in(
    session: AsyncSession, username: str, password: str, now: datetime
) -> tuple[str, Login]:
    """The whole login in one call; it blocks for the time of one verification.

    The console takes the three steps apart (:func:`credentials`, :func:`matches` in a
    thread, :func:`open_session`).

    Raises:
        BadCredentials: nobody may log in like that.
    """
    found = await credentials(session, username)
    if not matches(found, password):
        raise BadCredentials
    return await open_session(session, found, now)


async def by_token(session: AsyncSession, token: str, now: datetime) -> Login | None:
    """Who a session token belongs to; None when it is unknown or over."""
    row = (
        await session.execute(
            select(OfficerSession, Officer)
            .join(Officer, Officer.id == OfficerSession.officer_id)
            .where(OfficerSession.token_hash == _hash(token))
        )
    ).first()
    if row is None or row[0].expires_at <= now or row[1].disabled_at is not None:
        return None
    return _login(row[1], row[0].csrf)


async def log_out(session: AsyncSession, token: str) -> None:
    """End a session."""
    await session.execute(delete(OfficerSession).where(OfficerSession.token_hash == _hash(token)))


async def listing(session: AsyncSession, commune: str | None = None) -> list[Officer]:
    """Officers of a commune, or of all."""
    query = select(Officer).order_by(Officer.commune, Officer.username)
    if commune is not None:
        query = query.where(Officer.commune == commune)
    return list(await session.scalars(query))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _login(officer: Officer, csrf: str) -> Login:
    return Login(officer.id, officer.commune, officer.username, officer.name, csrf)
