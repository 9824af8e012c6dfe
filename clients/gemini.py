"""Gemini through `google-generativeai`: answers as they come, and the models there are.

The SDK is used below its own iterator, which hands a chunk out only when the next one has come, and without its
retries, which go on for 75 seconds whatever the time limit. It is loaded when it is first needed: 80 MB and half a
second that a server process does not have to spend. Its successor takes the place of this one file.
"""

import asyncio
import contextlib
import importlib
import itertools
import os
import random
import warnings
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any, Protocol

import structlog

from clients.ports import Away, Failure, Model, Piece

logger = structlog.get_logger("nexa.gemini")

HOST = "generativelanguage.googleapis.com:443"
CHANNELS = 4
"""Google's end takes about 100 streams over one connection; further ones would wait."""
TRIES = 4
FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 30.0
SILENCE_SECONDS = 60.0
LIST_SECONDS = 10.0
OPTIONS = [("grpc.use_local_subchannel_pool", 1), ("grpc.max_receive_message_length", 16 * 1024**2)]


class Emulator(Protocol):
    """The other side, where it is played by us."""

    async def start(self) -> str:
        """Listen; returns `host:port`."""

    async def stop(self) -> None:
        """Listen no longer."""


BUSY = Failure("rate_limited", "The AI service has too much to do at the moment. Please try again shortly.", True)
AWAY = Failure("unavailable", "The AI service is not available at the moment. Please try again.", True)
SILENT = Failure("timeout", "The AI service has stopped answering. Please try again.", True, billed=True)
BROKEN = Failure("interrupted", "The answer broke off. Please try again.", True, billed=True)
EMPTY = Failure("empty", "The AI service had no answer. Please try again, or put it differently.", True, billed=True)
REFUSED = Failure("blocked", "The AI service declined to answer this. Please put it differently.", False, billed=True)
UNKNOWN_MODEL = Failure("model_not_found", "This model is not offered any more. Please choose another one.", False)
TOO_LONG = Failure("too_long", "This conversation is too long for the model. Please begin a new one.", False)
MISCONFIGURED = Failure("not_configured", "The AI service is not set up correctly. Please tell the operator.", False)
REJECTED = Failure("rejected", "The AI service could not use this request.", False)

_BY_CODE = {
    429: BUSY,
    503: AWAY,
    504: SILENT,
    401: MISCONFIGURED,
    403: MISCONFIGURED,
    404: UNKNOWN_MODEL,
}
_TRIED_AGAIN = {429, 503}
_FINISHED = {"STOP": "stop", "MAX_TOKENS": "max_tokens"}


class Gemini:
    """One account at Gemini, or an emulator of it.

    Args:
        api_key: Of the account.
        endpoint: `host:port`, or `http://host:port` for what does not speak TLS; empty: Google's.
        emulate: Makes the other side where there is no account and no endpoint.
        pause_seconds: Before the first repetition; each further one waits twice as long.
        silence_seconds: How long nothing may come before an answer is given up.
    """

    def __init__(
        self,
        api_key: str,
        endpoint: str = "",
        emulate: Callable[[], Emulator] | None = None,
        *,
        pause_seconds: float = FIRST_PAUSE_SECONDS,
        silence_seconds: float = SILENCE_SECONDS,
    ) -> None:
        self._metadata = [("x-goog-api-key", api_key or "emulated")]
        self._endpoint = endpoint
        self._emulate = None if api_key or endpoint else emulate
        self._pause = pause_seconds
        self._silence = silence_seconds
        self._emulator: Emulator | None = None
        self._sdk: _Sdk | None = None
        self._starting = asyncio.Lock()

    async def start(self) -> None:
        """Load the SDK and make the channels ready; what asks does it too, if nobody has."""
        await self._ready()

    async def stop(self) -> None:
        """Close the channels; answers that are under way break off."""
        if self._sdk is not None:
            await self._sdk.close()
        if self._emulator is not None:
            await self._emulator.stop()

    async def _ready(self) -> "_Sdk":
        async with self._starting:
            if self._sdk is None:
                await asyncio.to_thread(_load)
                self._sdk = _Sdk(await self._address())
            return self._sdk

    async def _address(self) -> str:
        if self._emulate is None:
            return self._endpoint or HOST
        self._emulator = self._emulate()
        return f"http://{await self._emulator.start()}"

    async def stream(
        self, *, model: str, system: str, turns: Sequence[tuple[str, Sequence[str]]], max_tokens: int
    ) -> AsyncGenerator[Piece, None]:
        """Ask, and hand out what comes as it comes. How it ended is the last piece; nothing is raised.

        A service that is busy or away before anything has come is asked again. Cancelling the task that reads ends the
        call at the other side too.

        Args:
            model: Its id, without `models/`.
            system: How the model shall behave.
            turns: Of the conversation, oldest first: `user` or `model`, and the parts of what they said.
            max_tokens: Of the answer.
        """
        sdk = await self._ready()
        request = sdk.request(model, system, turns, max_tokens)
        for attempt in itertools.count(1):
            begun, again = False, 0.0
            async with contextlib.aclosing(self._attempt(sdk, request)) as pieces:
                async for piece, code, asked in pieces:
                    begun = begun or bool(piece.text)
                    if piece.failure is not None and code in _TRIED_AGAIN and not begun and attempt < TRIES:
                        again = max(asked, self._pause * 2 ** (attempt - 1) * random.uniform(0.8, 1.2))  # noqa: S311 - spreads load
                        break
                    yield piece
            if not again:
                return
            logger.warning("gemini is asked again", model=model, attempt=attempt, seconds=again)
            await asyncio.sleep(min(again, LONGEST_PAUSE_SECONDS))

    async def _attempt(self, sdk: "_Sdk", request: Any) -> AsyncGenerator[tuple[Piece, int, float], None]:
        """Ask once: pieces, each with the status of a failure and for how many seconds to leave the service alone."""
        reading = _Reading()
        call: Any = None
        try:
            call = await sdk.call(request, self._metadata)
            chunks = aiter(call)
            while reading.open:
                async with asyncio.timeout(self._silence):
                    chunk = await anext(chunks, None)
                yield reading.piece(chunk), 0, 0.0
        except TimeoutError:
            yield reading.broken(SILENT), 0, 0.0
        except sdk.faults as error:
            logger.warning("gemini failed", reason=repr(error)[:500])
            yield reading.broken(_failure(error, begun=reading.any_text)), _status(error), _wanted_pause(error)
        finally:
            # Leaving the loop alone would let the other side go on.
            if call is not None:
                call.cancel()

    async def models(self) -> list[Model]:
        """The models that write answers; raises Away."""
        sdk = await self._ready()
        try:
            async with asyncio.timeout(LIST_SECONDS):
                return [model async for model in sdk.models(self._metadata)]
        except sdk.faults as error:
            raise Away(repr(error)[:500]) from error


class _Reading:
    """Makes pieces of the chunks of one answer."""

    def __init__(self) -> None:
        self.open = True
        self.any_text = False
        self._prompt_tokens = 0
        self._output_tokens = 0

    def piece(self, chunk: Any) -> Piece:
        """What a chunk says; None: no more will come."""
        if chunk is None:
            return self.broken(BROKEN)
        usage = chunk.usage_metadata
        self._prompt_tokens = max(self._prompt_tokens, usage.prompt_token_count)
        self._output_tokens = max(self._output_tokens, usage.candidates_token_count)
        if chunk.prompt_feedback.block_reason:
            return self.broken(REFUSED)
        return self._said(chunk.candidates[0]) if chunk.candidates else self._made()

    def _said(self, candidate: Any) -> Piece:
        text = "".join(part.text for part in candidate.content.parts if part.text)
        self.any_text = self.any_text or bool(text)
        reason = candidate.finish_reason.name
        if reason == "FINISH_REASON_UNSPECIFIED":
            return self._made(text)
        self.open = False
        if reason not in _FINISHED:
            return self._made(text, failure=REFUSED)
        if not self.any_text:
            return self._made(failure=EMPTY)
        return self._made(text, finish=_FINISHED[reason])

    def broken(self, failure: Failure) -> Piece:
        """It ends here."""
        self.open = False
        return self._made(failure=failure)

    def _made(self, text: str = "", finish: str | None = None, failure: Failure | None = None) -> Piece:
        return Piece(text, finish, failure, self._prompt_tokens, self._output_tokens)


def _load() -> None:
    # gRPC tells on stderr of every connection that comes and goes.
    os.environ.setdefault("GRPC_VERBOSITY", "ERROR")
    with warnings.catch_warnings():
        # It warns at every import that it has reached its end of life, which is known and pinned.
        warnings.simplefilter("ignore")
        importlib.import_module("google.generativeai")


class _Sdk:
    """The parts of the SDK that are used, on channels of our own."""

    def __init__(self, address: str) -> None:
        grpc = importlib.import_module("grpc")
        self._protos = importlib.import_module("google.generativeai").protos
        service = importlib.import_module("google.ai.generativelanguage_v1beta.services.generative_service")
        transports = importlib.import_module(f"{service.__name__}.transports")
        listing = importlib.import_module("google.ai.generativelanguage_v1beta.services.model_service")
        listing_transports = importlib.import_module(f"{listing.__name__}.transports")
        core = importlib.import_module("google.api_core.exceptions")
        self.faults: tuple[type[Exception], ...] = (core.GoogleAPIError, grpc.RpcError, OSError)
        self._channels = [_channel(grpc, address) for _ in range(CHANNELS)]
        self._clients: Iterator[Any] = itertools.cycle(
            service.GenerativeServiceAsyncClient(
                transport=transports.GenerativeServiceGrpcAsyncIOTransport(channel=channel)
            )
            for channel in self._channels
        )
        self._listing = listing.ModelServiceAsyncClient(
            transport=listing_transports.ModelServiceGrpcAsyncIOTransport(channel=self._channels[0])
        )

    async def close(self) -> None:
        for channel in self._channels:
            await channel.close()

    def request(self, model: str, system: str, turns: Sequence[tuple[str, Sequence[str]]], max_tokens: int) -> Any:
        return self._protos.GenerateContentRequest(
            model=f"models/{model}",
            system_instruction={"parts": [{"text": system}]},
            contents=[{"role": role, "parts": [{"text": text} for text in parts]} for role, parts in turns],
            generation_config={"max_output_tokens": max_tokens},
        )

    async def call(self, request: Any, metadata: list[tuple[str, str]]) -> Any:
        return await next(self._clients).stream_generate_content(
            request=request, metadata=metadata, retry=None, timeout=None
        )

    async def models(self, metadata: list[tuple[str, str]]) -> AsyncGenerator[Model, None]:
        pager = await self._listing.list_models(
            request={"page_size": 50}, metadata=metadata, retry=None, timeout=LIST_SECONDS
        )
        async for one in pager:
            if "generateContent" in one.supported_generation_methods:
                id_ = one.name.removeprefix("models/")
                yield Model(id_, one.display_name or id_, one.input_token_limit, one.output_token_limit)


def _channel(grpc: Any, address: str) -> Any:
    if address.startswith("http://"):
        return grpc.aio.insecure_channel(address.removeprefix("http://"), options=OPTIONS)
    return grpc.aio.secure_channel(address, grpc.ssl_channel_credentials(), options=OPTIONS)


def _status(error: Exception) -> int:
    """The HTTP status of an error of the SDK; 0 where it has none."""
    code = getattr(error, "code", None)
    return code if isinstance(code, int) else 0


def _failure(error: Exception, *, begun: bool) -> Failure:
    status, text = _status(error), str(error).lower()
    if begun:
        return BROKEN
    if status == 400:
        if "api key" in text:
            return MISCONFIGURED
        return TOO_LONG if "token count" in text or "payload size" in text else REJECTED
    # Requests that fail with 400 or 500 are not billed (Gemini API, Billing).
    return replace(_BY_CODE.get(status, BROKEN), billed=False)


def _wanted_pause(error: Exception) -> float:
    """How many seconds the service wants to be left alone (`google.rpc.RetryInfo`); 0 where it does not say."""
    for detail in getattr(error, "details", None) or ():
        delay = getattr(detail, "retry_delay", None)
        if delay is not None:
            return float(delay.seconds)
    return 0.0
