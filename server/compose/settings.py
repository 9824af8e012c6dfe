"""Every setting, typed, from the environment and `.env`."""

import ipaddress
from enum import StrEnum
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from server.compose.adapters import ADAPTERS
from server.compose.adapters.gemini import GeminiSettings
from server.compose.adapters.mail import MailSettings
from server.compose.adapters.storage import StorageSettings

DEVELOPMENT_SECRET = "development-only-secret-0123456789abcdef"  # noqa: S105 - refused in production
VERSION = "0.1.0"
FOREIGN_DATABASE = (
    "ENVIRONMENT is development, and DATABASE_URL names a database that it would migrate: set ENVIRONMENT=production, "
    "or DEVELOPMENT_DATABASE=true if the database is for development"
)

Listed = Annotated[list[str], NoDecode]
"""A list that is written with commas in the environment."""


class Environment(StrEnum):
    """Where this process runs."""

    DEVELOPMENT = "development"
    TEST = "test"
    STAGING = "staging"
    PRODUCTION = "production"


class Settings(MailSettings, GeminiSettings, StorageSettings, BaseSettings):
    """All settings with their defaults. `.env.template` explains those that people change."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", frozen=True)

    environment: Environment = Environment.DEVELOPMENT
    secret_key: str = DEVELOPMENT_SECRET
    database_url: str = ""
    development_database: bool = False
    """`true`: development may migrate the database that `DATABASE_URL` names. Without it, development runs on the
    embedded PostgreSQL alone"""
    redis_url: str = ""
    redis_prefix: str = "nexa:"
    data_dir: Path = Path(".nexa")

    host: str = "127.0.0.1"
    port: int = 8000
    log_level: str = "INFO"
    log_format: str = "auto"

    worker_metrics_port: int = 0
    worker_streams: Annotated[int, Field(ge=1, le=1000)] = 256

    database_pool: Annotated[int, Field(ge=2, le=100)] = 10
    origins: Listed = ["http://localhost:3000", "http://localhost:8000", "http://127.0.0.1:8000"]
    metrics_allow: Listed = ["127.0.0.0/8", "::1/128", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"]
    trusted_proxies: str = "127.0.0.1"

    issuer: str = "nexa"
    audience: str = "nexa"
    access_token_seconds: int = 3600
    refresh_token_seconds: int = 30 * 86_400
    signups_per_hour: int = 0

    strangers_per_hour: Annotated[int, Field(ge=0)] = 10
    strangers_verified: bool = True

    upload_avatar_bytes: int = 5 * 1024**2
    upload_attachment_bytes: int = 20 * 1024**2
    upload_resume_bytes: int = 20 * 1024**2
    upload_resource_bytes: int = 20 * 1024**2
    upload_video_bytes: int = 2 * 1024**3
    uploads_at_once: Annotated[int, Field(ge=1)] = 32
    uploads_per_user: Annotated[int, Field(ge=1)] = 3
    uploads_per_network: Annotated[int, Field(ge=1)] = 16
    upload_unattached_bytes: int = 4 * 1024**3
    file_url_seconds: int = 3600

    max_message_bytes: int = 65_536
    max_frame_bytes: int = 524_288
    socket_queries: int = 16
    socket_commands: int = 64
    socket_topics: int = 128
    socket_batch: int = 50
    socket_frames_per_second: Annotated[int, Field(ge=1)] = 2000
    """frames that one socket may send in a second, each further request of a batch counted as one; beyond it 4029"""
    socket_frames_burst: Annotated[int, Field(ge=1)] = 4000
    """frames that one socket may send at once"""
    socket_bytes_per_second: Annotated[int, Field(ge=1)] = 4 * 1024**2
    """bytes that one socket may send in a second"""
    socket_bytes_burst: Annotated[int, Field(ge=1)] = 8 * 1024**2
    """bytes that one socket may send at once"""
    socket_fragments: Annotated[int, Field(ge=1)] = 1000
    """frames that one message may consist of"""
    guest_seconds: float = 60.0
    heartbeat_seconds: float = 20.0
    drain_spread_seconds: float = 5.0
    drain_hold_seconds: float = 5.0
    sockets_per_user: int = 20
    guests_per_network: int = 50
    connections_per_network: Annotated[int, Field(ge=1)] = 256
    request_head_bytes: Annotated[int, Field(ge=1024)] = 65_536
    request_head_seconds: Annotated[float, Field(gt=0)] = 10.0
    request_body_bytes_per_second: Annotated[int, Field(ge=0)] = 10_240
    request_body_seconds: Annotated[float, Field(gt=0)] = 10.0
    response_unread_seconds: Annotated[float, Field(gt=0)] = 60.0
    queries_per_second: int = 100
    queries_burst: int = 200
    commands_per_second: int = 20
    commands_burst: int = 60
    guest_calls_per_second: int = 10
    guest_calls_burst: int = 30

    auth0_domain: str = ""

    assistant_answer_tokens: Annotated[int, Field(ge=1, le=65_536)] = 8192
    assistant_daily_tokens: Annotated[int, Field(ge=0)] = 200_000
    assistant_monthly_tokens: Annotated[int, Field(ge=0)] = 2_000_000
    assistant_runs_at_once: Annotated[int, Field(ge=1)] = 5

    public_url: str = ""
    frontend_url: str = ""

    @field_validator("origins", "metrics_allow", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return [one.strip() for one in value.split(",") if one.strip()] if isinstance(value, str) else value

    @field_validator("origins")
    @classmethod
    def _are_origins(cls, value: list[str]) -> list[str]:
        """As browsers send them, for they are compared; `*` would let every page in."""
        for origin in value:
            parts = urlsplit(origin)
            if parts.scheme not in {"http", "https"} or f"{parts.scheme}://{parts.netloc}".lower() != origin:
                raise ValueError(f"{origin!r} in ORIGINS is not like `https://app.example.com`")
        return value

    @field_validator("metrics_allow")
    @classmethod
    def _networks(cls, value: list[str]) -> list[str]:
        for network in value:
            ipaddress.ip_network(network)
        return value

    @property
    def pages(self) -> str:
        """Below what address links in mails lead: the front end, or the small pages of our own."""
        if self.frontend_url:
            return self.frontend_url.rstrip("/")
        return f"{self.address}/account"

    @property
    def address(self) -> str:
        """Where clients reach this server: an origin, without a path."""
        host = "localhost" if self.host in {"0.0.0.0", "::", ""} else self.host  # noqa: S104 - only compared
        return self.public_url.rstrip("/") or f"http://{host}:{self.port}"

    @property
    def is_production(self) -> bool:
        """Whether real people depend on this process."""
        return self.environment in {Environment.PRODUCTION, Environment.STAGING}

    def upload_limits(self) -> dict[str, int]:
        """The largest upload, by what it is for."""
        return {
            "avatar": self.upload_avatar_bytes,
            "attachment": self.upload_attachment_bytes,
            "resume": self.upload_resume_bytes,
            "resource": self.upload_resource_bytes,
            "video": self.upload_video_bytes,
        }

    def refusals(self) -> list[str]:
        """Why this configuration must not be started; empty when it may."""
        if self.environment is Environment.DEVELOPMENT and self.database_url and not self.development_database:
            return [FOREIGN_DATABASE]
        if not self.is_production:
            return []
        wrong = {
            "SECRET_KEY is missing or the default": self.secret_key in {"", DEVELOPMENT_SECRET},
            "SECRET_KEY has fewer than 32 characters": len(self.secret_key) < 32,
            "DATABASE_URL is missing: the embedded PostgreSQL is for development": not self.database_url,
            "REDIS_URL is missing: the embedded Redis is for development": not self.redis_url,
            **{one.refusal: one.emulated(self) for one in ADAPTERS.values() if one.refusal},
            "FRONTEND_URL or PUBLIC_URL is missing: links in mails need it": not (self.frontend_url or self.public_url),
        }
        return [reason for reason, is_wrong in wrong.items() if is_wrong]

    def signups(self) -> int:
        """Sign-ups an hour and address: few where strangers come, many where developers try things out."""
        return self.signups_per_hour or (20 if self.is_production else 1000)
