"""Settings: from the environment (``HOTRO_...``) over ``hotro.toml`` over the defaults.

Nested ones use two underscores: ``HOTRO_ZALO__HOA-MAI__OA_SECRET``; in ``hotro.toml`` they
are tables: ``[zalo.hoa-mai]``.
"""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

ROOT = Path(__file__).resolve().parents[1]
"""Where ``faq/``, ``nlu_data/`` and ``static/`` lie."""


class SettingsError(Exception):
    """The settings cannot be used; the message is one line that says what to do."""


class ZaloSettings(BaseModel):
    """One commune's Official Account."""

    model_config = ConfigDict(extra="forbid")

    app_id: str
    oa_id: str
    oa_secret: str = Field(default="", repr=False)
    """The OA secret key of the webhook page (not the app secret)."""
    app_secret: str = Field(default="", repr=False)
    """The app's own secret: with it an administrator connects the OA (/console/zalo)."""
    access_token: str = Field(default="", repr=False)
    """One that was pasted, for a try: it ends after 25 hours and cannot be renewed."""
    per_minute: int = Field(default=100, ge=1)
    """Calls a minute of the OA's package: 100 (Tăng trưởng) or 2000 (Toàn diện)."""
    openapi: str = ""
    """Another address in place of Zalo's own (a simulator)."""


class SmsSettings(BaseModel):
    """One SMS gateway of a commune: a SIM, a modem or an aggregator's account.

    What its kind needs besides (``url``, ``token``, ...) stands beside these as further keys;
    they are checked where the kinds are known (:mod:`bot.outside_sms`).
    """

    model_config = ConfigDict(extra="allow")

    name: str = "generic"
    """Its name in the webhook's address: /webhooks/sms/{name}/{commune}."""
    kind: str = "generic"
    """generic, smsgate, gammu, kannel, esms or smpp."""
    own_number: str = ""
    """What citizens write to; empty when it cannot receive."""
    share: int = Field(default=100, ge=0, le=1000)
    """Of messages among healthy gateways; 0: only when the others fail."""
    per_minute: int | None = Field(default=None, ge=0)
    """Sending caps; 0: none; not given: what its kind proposes."""
    per_hour: int | None = Field(default=None, ge=0)
    per_day: int | None = Field(default=None, ge=0)
    price: int = Field(default=0, ge=0)
    """Of one SMS part, in đồng."""

    def __repr__(self) -> str:
        # Among the further keys are secrets.
        return f"SmsSettings(name={self.name!r}, kind={self.kind!r})"

    @property
    def own_fields(self) -> dict[str, str]:
        """What its kind needs, as texts."""
        extra = self.model_extra or {}
        return {name: _as_text(value) for name, value in extra.items()}


def _as_text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _several(value: object) -> object:
    """``[sms.<commune>]`` is one gateway, ``[[sms.<commune>]]`` a list of them."""
    if not isinstance(value, dict):
        return value
    return {
        commune: [told] if isinstance(told, dict | SmsSettings) else told
        for commune, told in value.items()
    }


class Settings(BaseSettings):
    """All settings of one installation."""

    model_config = SettingsConfigDict(
        env_prefix="HOTRO_", env_nested_delimiter="__", extra="forbid", validate_default=True
    )

    data_dir: Path = Path("var")
    """Everything that belongs to this installation; a backup is this folder."""
    database_url: str = ""
    """SQLite in the data folder when empty; or postgresql://..."""
    redis_url: str = ""
    """Carries wake-ups between machines; needed only by several."""
    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)
    public_url: str = ""
    """How citizens reach this web server (QR codes); http://host:port when empty."""
    behind_proxy: bool = False
    """A reverse proxy stands in front: take the client's address from X-Forwarded-For."""
    secret_key: str = Field(default="", repr=False)
    """Encrypts personal data; var/secret.key is made when empty. Losing it loses the data."""
    faq_dir: Path = ROOT / "faq"
    nlu_dir: Path = ROOT / "nlu_data"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["console", "json"] = "console"
    officer_idle_hours: float = Field(default=8, gt=0)
    """An officer silent for so long gives the conversation back to the bot."""
    text_life_days: int = Field(default=30, ge=1)
    """How long the words of an unused conversation are kept."""
    worker_concurrency: int = Field(default=8, ge=1, le=64)
    lease_seconds: float = Field(default=45, ge=1)
    """How long the work of a process that died waits until another one takes it up."""
    unsure_seconds: float = Field(default=20, ge=0)
    """How long a provider that did not answer may still be busy with a message."""
    zalo: dict[str, ZaloSettings] = {}
    sms: Annotated[dict[str, list[SmsSettings]], BeforeValidator(_several)] = {}

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Environment over file; the file is named by HOTRO_CONFIG, else ./hotro.toml."""
        file = TomlConfigSettingsSource(settings_cls, config_file())
        return (init_settings, env_settings, file)

    @property
    def database(self) -> str:
        """The database's address."""
        return self.database_url or f"sqlite:///{(self.data_dir / 'hotro.db').absolute()}"

    @property
    def base_url(self) -> str:
        """The public address, without a slash at its end."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

    @property
    def models_dir(self) -> Path:
        """Where trained models are."""
        return self.data_dir / "models"


def config_file() -> Path:
    """The settings file that is read (it may be missing)."""
    return Path(os.environ.get("HOTRO_CONFIG", "hotro.toml"))


def load(**overrides: object) -> Settings:
    """Read the settings.

    Raises:
        SettingsError: naming the setting and what is wrong with it.
    """
    path = config_file()
    if "HOTRO_CONFIG" in os.environ and not path.is_file():
        raise SettingsError(f"không có tệp cài đặt {path} (biến HOTRO_CONFIG)")
    try:
        return Settings(**overrides)  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        raise SettingsError(
            f"cài đặt sai: {name}: {first['msg']} (sửa trong {path} hoặc biến HOTRO_...)"
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path} không đúng dạng TOML: {error}") from error
