"""Outgoing mail: an SMTP server, or one that catches every mail."""

from email.utils import parseaddr
from typing import Literal

from pydantic import field_validator
from pydantic_settings import BaseSettings

from clients.emulators.mail import EmulatedMail
from clients.mail import SmtpMail, SmtpServer
from server.compose.adapters.adapter import Adapter, Place, Service


class MailSettings(BaseSettings):
    """Mail."""

    smtp_url: str = ""
    """`smtp://user:password@host:587`, `smtps://…`, `smtp://host:25?tls=none`; empty: see the next settings"""
    smtp_host: str = ""
    """mail server; if this and `SMTP_URL` are empty, mail is caught and shown at `/dev/mail`"""
    smtp_port: int = 587
    """port of the mail server"""
    smtp_user: str = ""
    """user name at the mail server"""
    smtp_password: str = ""
    """password at the mail server"""
    smtp_tls: Literal["none", "starttls", "tls"] = "starttls"
    """`starttls` and `tls` refuse a server without it; `none` is for a server on the same machine"""
    mail_from: str = "Nexa <no-reply@nexa.example>"
    """sender of mails: an address, or `Name <address>`"""
    mail_emulator_port: int = 0
    """port of 127.0.0.1 on which the emulated mail server listens; 0: any free port"""

    @field_validator("mail_from")
    @classmethod
    def _address(cls, value: str) -> str:
        if "@" not in parseaddr(value)[1] or not value.isprintable():
            raise ValueError("MAIL_FROM is an address, or `Name <address>`")
        return value


def build(settings: MailSettings, place: Place) -> Service:
    """Hand mails to the configured server, or to the emulated one."""
    mail = _mail(settings, place)
    return Service(mail, mail.start, mail.stop)


def _mail(settings: MailSettings, place: Place) -> SmtpMail:
    if not _is_real(settings):
        return EmulatedMail(place.redis_url, place.redis_prefix, settings.mail_from, settings.mail_emulator_port)
    if settings.smtp_url:
        return SmtpMail(SmtpServer.parse(settings.smtp_url), settings.mail_from)
    server = SmtpServer(
        settings.smtp_host, settings.smtp_port, settings.smtp_user, settings.smtp_password, settings.smtp_tls
    )
    return SmtpMail(server, settings.mail_from)


def _is_real(settings: MailSettings) -> bool:
    return bool(settings.smtp_url or settings.smtp_host)


ADAPTER = Adapter(
    build,
    _is_real,
    refusal="SMTP_URL or SMTP_HOST is missing: caught mail is for development",
    note="mail       caught: http://{address}/dev/mail",
)
