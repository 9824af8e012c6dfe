"""`python -m server shell`: Python with the models, connected, where `await` can be written at the prompt."""

import ast
import asyncio
import code
import contextlib
import inspect
import threading
import traceback
import types
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Future
from typing import Any

import uvloop
from tortoise import Tortoise

from server.compose.core import Core

BANNER = """\
Nexa shell, connected. There are all models (User, Session, ...), `core`, `settings`, `clock`, and
    await act(lambda work: ...)      one transaction with its events, tasks and audit, as a command has it
`await` works at the prompt. Ctrl-D ends it."""

Begin = Callable[[Coroutine[Any, Any, Any]], "Future[Any]"]


class Console(code.InteractiveConsole):
    """Runs each statement on the event loop of another thread, so that this one can be interrupted."""

    def __init__(self, names: dict[str, Any], begin: Begin) -> None:
        super().__init__(names)
        self.compile.compiler.flags |= ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        self._begin = begin

    def runcode(self, compiled: types.CodeType) -> None:
        """Run one statement, and wait for it; an exception is shown, and the next prompt comes."""
        running = self._begin(self._run(compiled))
        try:
            ended = running.result()
        except KeyboardInterrupt:
            running.cancel()
            self.write("\nKeyboardInterrupt\n")
        except Exception as error:  # noqa: BLE001 - whatever was typed, it must not end the shell
            self.write("".join(traceback.format_exception(error.with_traceback(self._typed_part(error)))))
        else:
            if ended is not None:
                raise ended

    async def _run(self, compiled: types.CodeType) -> SystemExit | None:
        try:
            result = types.FunctionType(compiled, self.locals)()
            if inspect.iscoroutine(result):
                await result
        except SystemExit as ended:  # raised here it would end the loop, with nothing disconnected
            return ended
        return None

    def _typed_part(self, error: Exception) -> types.TracebackType | None:
        """The traceback from what was typed on."""
        part = error.__traceback__
        while part is not None and part.tb_frame.f_code.co_filename != self.filename:
            part = part.tb_next
        return part


def run(make_core: Callable[[], Core]) -> None:
    """Show prompts until the end of the input."""
    with _loop() as begin:
        core, stop = begin(_connected(make_core)).result()
        names: dict[str, Any] = {model.__name__: model for model in Tortoise.apps["models"].values()}
        names |= {"core": core, "settings": core.settings, "clock": core.clock}
        names["act"] = lambda do: core.operate("shell", do)
        _complete(names)
        try:
            Console(names, begin).interact(BANNER, exitmsg="")
        except SystemExit:
            pass
        finally:
            begin(stop()).result()


async def _connected(make_core: Callable[[], Core]) -> tuple[Core, Callable[[], Coroutine[Any, Any, None]]]:
    core = make_core()
    stack = contextlib.AsyncExitStack()
    await stack.enter_async_context(core.running())
    return core, stack.aclose


@contextlib.contextmanager
def _loop() -> Iterator[Begin]:
    """An event loop in a thread of its own."""
    loop = uvloop.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="shell", daemon=True)
    thread.start()
    try:
        yield lambda work: asyncio.run_coroutine_threadsafe(work, loop)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def _complete(names: dict[str, Any]) -> None:
    """Complete names with the tabulator, and remember lines, where there is a library for it."""
    with contextlib.suppress(ImportError):
        import readline  # noqa: PLC0415 - not every Python has it
        import rlcompleter  # noqa: PLC0415 - it goes with readline

        readline.set_completer(rlcompleter.Completer(names).complete)
        readline.parse_and_bind("tab: complete")
