"""The language model: Gemini, or its emulator."""

from pydantic_settings import BaseSettings

from clients.gemini import Emulator, Gemini
from server.compose.adapters.adapter import Adapter, Place, Service


class GeminiSettings(BaseSettings):
    """Gemini."""

    gemini_api_key: str = ""
    """API key of an account at Gemini; empty: the assistant is emulated"""
    gemini_endpoint: str = ""
    """`host:port` instead of Google's; `http://host:port` without TLS, for an emulator elsewhere"""
    gemini_model: str = "gemini-2.5-flash"
    """the model that answers unless a thread or prompt names another"""


def build(settings: GeminiSettings, _place: Place) -> Service:
    """Connect to Gemini when it is first needed."""
    gemini = Gemini(settings.gemini_api_key, settings.gemini_endpoint, _emulator)
    return Service(gemini, stop=gemini.stop, load=gemini.start)


def _emulator() -> Emulator:
    # gRPC and the SDK are heavy, and a process that answers nothing needs neither.
    from clients.emulators.gemini import GeminiEmulator  # noqa: PLC0415

    return GeminiEmulator()


def _is_real(settings: GeminiSettings) -> bool:
    return bool(settings.gemini_api_key)


ADAPTER = Adapter(
    build,
    _is_real,
    refusal="GEMINI_API_KEY is missing: the emulated assistant is for development",
    note="assistant  emulated: set GEMINI_API_KEY for real answers",
)
