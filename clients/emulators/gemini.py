"""Gemini's other side, for when there is no account: a gRPC server that speaks the real wire protocol.

The unchanged SDK talks to it. It answers with something readable about what it was sent, at a settable pace, and fails
in every way that Gemini fails. How it behaves is set by tests, or by whoever asks: a prompt that begins with a line
such as `/emulate fail=503 times=2` or `/emulate delay=0.2 pieces=50` has it.

Run as a program (`python -m clients.emulators.gemini --port 8790`) it is a process of its own.
"""

import argparse
import asyncio
import contextlib
import re
import time
import warnings
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass, field, replace
from typing import Any

import grpc

with warnings.catch_warnings():
    # It warns at every import that it has reached its end of life, which is known and pinned.
    warnings.simplefilter("ignore")
    from google.generativeai import protos

SERVICE = "google.ai.generativelanguage.v1beta.GenerativeService"
MODELS = "google.ai.generativelanguage.v1beta.ModelService"
HOST = "127.0.0.1"
KEPT = 1000
OFFERED = (("gemini-2.5-flash", "Gemini 2.5 Flash"), ("gemini-2.5-pro", "Gemini 2.5 Pro"))
INPUT_TOKENS, OUTPUT_TOKENS = 1_048_576, 65_536
BAD_KEY = "bad-key"

_DIRECTIVE = re.compile(r"^/emulate((?: \w+=\S+)*)[ ]*(?:\n|$)")


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How an answer comes.

    Attributes:
        first: Seconds until its first chunk.
        delay: Seconds between chunks.
        size: Characters of a chunk.
        pieces: How many chunks; 0: as many as the text makes.
        text: What is answered; empty: something about what was sent.
        fail: `429`, `503`, `500`, `cut` (the stream breaks off), `half` (it ends without a reason), `safety` (after
            some text), `prompt` (the prompt is blocked), `empty`, `endless`, `hang` (nothing comes any more), `long`
            (the prompt is too long).
        times: How many calls fail before one succeeds; 0: all of them.
        after: How many chunks come before it breaks off.
        stamp: 1: each chunk says when it was sent instead, in seconds of Unix time, for who measures.
    """

    first: float = 0.0
    delay: float = 0.02
    size: int = 24
    pieces: int = 0
    text: str = ""
    fail: str = ""
    times: int = 0
    after: int = 3
    stamp: int = 0


@dataclass(slots=True)
class Call:
    """One call as it was received, and what became of it: `sent` is the text that was answered."""

    request: Any
    key: str
    sent: str = ""
    ended: str = "running"

    @property
    def turns(self) -> list[tuple[str, list[str]]]:
        """Who said what."""
        return [(content.role, [part.text for part in content.parts]) for content in self.request.contents]

    @property
    def system(self) -> str:
        """The system instruction."""
        return "".join(part.text for part in self.request.system_instruction.parts)


@dataclass
class GeminiEmulator:
    """The server. `calls` holds the last calls, `behaviour` is what prompts that ask for nothing else get."""

    port: int = 0
    behaviour: Behaviour = Behaviour()
    calls: deque[Call] = field(default_factory=lambda: deque(maxlen=KEPT))
    offered: tuple[tuple[str, str], ...] = OFFERED
    _failed: dict[str, int] = field(default_factory=dict)
    _server: Any = None

    async def start(self) -> str:
        """Listen; returns `host:port`."""
        self._server = grpc.aio.server()
        streaming = grpc.unary_stream_rpc_method_handler(
            self._stream,
            request_deserializer=protos.GenerateContentRequest.deserialize,
            response_serializer=protos.GenerateContentResponse.serialize,
        )
        listing = grpc.unary_unary_rpc_method_handler(
            self._list,
            request_deserializer=protos.ListModelsRequest.deserialize,
            response_serializer=protos.ListModelsResponse.serialize,
        )
        self._server.add_generic_rpc_handlers(
            (
                grpc.method_handlers_generic_handler(SERVICE, {"StreamGenerateContent": streaming}),
                grpc.method_handlers_generic_handler(MODELS, {"ListModels": listing}),
            )
        )
        self.port = self._server.add_insecure_port(f"{HOST}:{self.port}")
        await self._server.start()
        return f"{HOST}:{self.port}"

    async def stop(self) -> None:
        """Listen no longer."""
        await self._server.stop(None)

    async def wait(self) -> None:
        """Serve until the process ends."""
        await self._server.wait_for_termination()

    async def _list(self, _request: Any, context: Any) -> Any:
        await _check_key(context)
        models = [
            protos.Model(
                name=f"models/{id_}",
                display_name=name,
                input_token_limit=INPUT_TOKENS,
                output_token_limit=OUTPUT_TOKENS,
                supported_generation_methods=["generateContent", "countTokens"],
            )
            for id_, name in self.offered
        ]
        embedding = protos.Model(name="models/text-embedding-004", supported_generation_methods=["embedContent"])
        return protos.ListModelsResponse(models=[*models, embedding])

    async def _stream(self, request: Any, context: Any) -> AsyncGenerator[Any, None]:
        key = dict(context.invocation_metadata()).get("x-goog-api-key", "")
        call = Call(request, key)
        self.calls.append(call)
        try:
            await _check_key(context)
            if request.model.removeprefix("models/") not in {id_ for id_, _ in self.offered}:
                await context.abort(grpc.StatusCode.NOT_FOUND, f"{request.model} is not found for API version v1beta")
            behaviour = self._behaviour(call)
            await asyncio.sleep(behaviour.first)
            async for chunk in _answer(call, behaviour, context):
                yield chunk
            call.ended = "completed"
        except (asyncio.CancelledError, GeneratorExit):
            call.ended = "cancelled"
            raise
        except BaseException:
            call.ended = "failed"
            raise

    def _behaviour(self, call: Call) -> Behaviour:
        """What the prompt asks for, or else what is set; a failure that has come often enough comes no more."""
        said = call.turns[-1][1][0] if call.turns else ""
        behaviour = directed(said, self.behaviour)
        if not behaviour.fail or not behaviour.times:
            return behaviour
        count = self._failed[said] = self._failed.get(said, 0) + 1
        return behaviour if count <= behaviour.times else replace(behaviour, fail="")


def directed(prompt: str, default: Behaviour) -> Behaviour:
    """The behaviour that the first line of a prompt asks for."""
    found = _DIRECTIVE.match(prompt)
    if found is None:
        return default
    known = {"first": float, "delay": float, "size": int, "pieces": int, "fail": str}
    known |= dict.fromkeys(("times", "after", "stamp"), int)
    changes: dict[str, Any] = {}
    for pair in found[1].split():
        name, _, value = pair.partition("=")
        with contextlib.suppress(ValueError):
            changes |= {name: known[name](value)} if name in known else {}
    return replace(default, **changes)


async def _check_key(context: Any) -> None:
    key = dict(context.invocation_metadata()).get("x-goog-api-key", "")
    if not key or key == BAD_KEY:
        await context.abort(grpc.StatusCode.INVALID_ARGUMENT, "API key not valid. Please pass a valid API key.")


_REFUSALS = {
    "429": (grpc.StatusCode.RESOURCE_EXHAUSTED, "Resource has been exhausted (e.g. check quota)."),
    "503": (grpc.StatusCode.UNAVAILABLE, "The model is overloaded. Please try again later."),
    "500": (grpc.StatusCode.INTERNAL, "An internal error has occurred."),
    "long": (grpc.StatusCode.INVALID_ARGUMENT, "The input token count exceeds the maximum number of tokens allowed."),
}


async def _answer(call: Call, behaviour: Behaviour, context: Any) -> AsyncIterator[Any]:
    prompt_tokens = sum(len(text) for _, parts in call.turns for text in parts) // 4
    if behaviour.fail in _REFUSALS:
        await context.abort(*_REFUSALS[behaviour.fail])
    if behaviour.fail == "prompt":
        yield protos.GenerateContentResponse(prompt_feedback={"block_reason": "SAFETY"})
        return
    if behaviour.fail == "empty":
        yield _chunk(call, "", prompt_tokens, "STOP")
        return
    texts = _texts(call, behaviour)
    for number, text in enumerate(texts):
        if number:
            await asyncio.sleep(behaviour.delay)
        if behaviour.fail not in {"", "endless"} and number == behaviour.after:
            async for last in _break_off(call, behaviour.fail, context, prompt_tokens):
                yield last
            return
        said = f"{time.time():.6f} " if behaviour.stamp else text
        is_last = number == len(texts) - 1 and behaviour.fail != "endless"
        yield _chunk(call, said, prompt_tokens, "STOP" if is_last else None)
    while behaviour.fail == "endless":
        await asyncio.sleep(behaviour.delay)
        yield _chunk(call, "and so on, ", prompt_tokens, None)


async def _break_off(call: Call, fail: str, context: Any, prompt_tokens: int) -> AsyncIterator[Any]:
    match fail:
        case "cut":
            await context.abort(grpc.StatusCode.UNAVAILABLE, "Connection reset by peer")
        case "hang":
            await asyncio.Event().wait()
        case "safety":
            yield _chunk(call, "", prompt_tokens, "SAFETY")


def _chunk(call: Call, text: str, prompt_tokens: int, finish: str | None) -> Any:
    call.sent += text
    output_tokens = -(-len(call.sent) // 4)
    candidate = {"content": {"role": "model", "parts": [{"text": text}] if text else []}, "index": 0}
    return protos.GenerateContentResponse(
        candidates=[{**candidate, **({"finish_reason": finish} if finish else {})}],
        usage_metadata={
            "prompt_token_count": prompt_tokens,
            "candidates_token_count": output_tokens,
            "total_token_count": prompt_tokens + output_tokens,
        },
        model_version=call.request.model.removeprefix("models/"),
    )


def _texts(call: Call, behaviour: Behaviour) -> list[str]:
    text = behaviour.text or _about(call)
    if behaviour.pieces:
        length = behaviour.pieces * behaviour.size
        text = (text * (length // len(text) + 1))[:length]
    return [text[start : start + behaviour.size] for start in range(0, len(text), behaviour.size)]


def _about(call: Call) -> str:
    """Something readable about what was sent."""
    *before, (_, parts) = call.turns or [("user", [""])]
    lines = [
        f"This is the emulated {call.request.model.removeprefix('models/')}: set GEMINI_API_KEY for real answers.",
        f"You wrote {len(parts[0].split())} words: “{_shown(parts[0])}”.",
    ]
    lines += [f"With it came {len(part):,} characters: “{_shown(part)}”." for part in parts[1:]]
    if before:
        lines.append(f"Before that there were {len(before)} turns in this conversation.")
    return "\n\n".join(lines)


def _shown(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= 200 else f"{plain[:199]}…"


async def _main() -> None:
    parser = argparse.ArgumentParser(description="Gemini's other side, for tries without an account.")
    parser.add_argument("--port", type=int, default=0)
    emulator = GeminiEmulator(port=parser.parse_args().port)
    print(await emulator.start(), flush=True)  # noqa: T201 - whoever starts it wants to know
    await emulator.wait()


if __name__ == "__main__":
    asyncio.run(_main())
