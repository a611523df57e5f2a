"""Encryption of what identifies a person, and the pseudonym under which it is found.

Addresses and message texts are stored as Fernet tokens (AES-128-CBC with HMAC-SHA256);
the same address is looked up by an HMAC-SHA256 pseudonym, so that the database alone
tells neither. Several keys may be given: the first encrypts, all decrypt (rotation).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class VaultError(Exception):
    """A stored value cannot be read with the configured key."""


class Vault:
    """Encrypts, decrypts and pseudonymises.

    Args:
        secrets: master secrets, at least 16 characters each, newest first.
    """

    def __init__(self, *secrets: str) -> None:
        if not secrets or any(len(s) < 16 for s in secrets):
            raise ValueError("a vault needs secrets of at least 16 characters")
        self._fernet = MultiFernet([Fernet(_derive(s, b"hotro fernet")) for s in secrets])
        # Pseudonyms must stay findable after a rotation: the oldest secret keeps naming.
        self._pepper = _derive(secrets[-1], b"hotro pseudonym")

    def encrypt(self, text: str) -> str:
        """Return ``text`` as an opaque token."""
        return self._fernet.encrypt(text.encode()).decode()

    def decrypt(self, token: str) -> str:
        """Return the text of ``token``.

        Raises:
            VaultError: when no configured key opens it.
        """
        try:
            return self._fernet.decrypt(token.encode()).decode()
        except InvalidToken as error:
            raise VaultError("the stored value does not open with this secret key") from error

    def seal(self, value: Any) -> str:
        """Encrypt a JSON value."""
        return self.encrypt(json.dumps(value, ensure_ascii=False, separators=(",", ":")))

    def open(self, token: str) -> Any:
        """Decrypt a JSON value; raises VaultError like :meth:`decrypt`."""
        return json.loads(self.decrypt(token))

    def pseudonym(self, *parts: str) -> str:
        """A stable keyed hash of ``parts`` (64 hex digits)."""
        return hmac.new(self._pepper, "\x1f".join(parts).encode(), hashlib.sha256).hexdigest()


def _derive(secret: str, info: bytes) -> bytes:
    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(secret.encode())
    return base64.urlsafe_b64encode(key)


def load_or_create_secret(path: Path) -> str:
    """Return the secret in ``path``, making it (mode 0600) on first use.

    The file is created exclusively, so two processes that start together agree on one.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = base64.urlsafe_b64encode(os.urandom(32)).decode()
    temporary = path.with_name(f"{path.name}.{os.getpid()}")
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(fresh)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(temporary, path)
    except FileExistsError:
        pass
    finally:
        temporary.unlink()
    return path.read_text().strip()
