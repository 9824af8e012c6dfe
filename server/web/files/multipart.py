"""multipart/form-data (RFC 7578), read part by part while it comes: nothing of it is kept."""

from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from models.errors import Invalid

MOST_PARTS = 10
LONGEST_FIELD = 1000
UNFINISHED = "The upload did not arrive whole."


@dataclass(frozen=True, slots=True)
class Part:
    """The head of one part; `filename` is None for a plain field."""

    name: str
    filename: str | None
    media_type: str


class Multipart:
    """The parts of one body.

    Args:
        content_type: The request's header.
        chunks: The body.
    """

    def __init__(self, content_type: str, chunks: AsyncIterator[bytes]) -> None:
        kind, options = parse_options_header(content_type)
        if kind != b"multipart/form-data" or not options.get(b"boundary"):
            raise _invalid("Send the file as multipart/form-data.")
        self._chunks = chunks
        self._found: deque[Part | bytes | None] = deque()
        self._headers: dict[bytes, bytes] = {}
        self._field, self._value = bytearray(), bytearray()
        self._parts = 0
        self._finished = False
        self._fault: Invalid | None = None
        try:
            self._parser = MultipartParser(
                options[b"boundary"],
                {
                    "on_header_field": lambda data, start, end: self._field.extend(data[start:end]),
                    "on_header_value": lambda data, start, end: self._value.extend(data[start:end]),
                    "on_header_end": self._on_header,
                    "on_headers_finished": self._on_headers,
                    "on_part_data": lambda data, start, end: self._found.append(bytes(data[start:end])),
                    "on_part_end": lambda: self._found.append(None),
                    "on_end": self._on_end,
                },
            )
        except FormParserError as error:
            raise _invalid("This is not valid multipart/form-data.") from error

    async def part(self) -> Part | None:
        """The head of the next part, None after the last; raises Invalid when the body breaks off."""
        while True:
            found = await self._next()
            if isinstance(found, Part):
                return found
            if found is None and self._finished and not self._found:
                return None

    async def data(self) -> AsyncIterator[bytes]:
        """The bytes of the part whose head came last; raises Invalid when the body breaks off."""
        while (found := await self._next()) is not None:
            if isinstance(found, bytes):
                yield found

    async def text(self, part: Part) -> str:
        """The whole of a field, which is short; raises Invalid."""
        value = bytearray()
        async for chunk in self.data():
            value += chunk
            if len(value) > LONGEST_FIELD:
                raise Invalid({part.name: ["This is too long."]})
        return value.decode(errors="replace")

    async def _next(self) -> Part | bytes | None:
        while not self._found:
            if self._fault is not None:
                raise self._fault
            if self._finished:
                return None
            chunk = await anext(self._chunks, None)
            if chunk is None:
                raise _invalid(UNFINISHED)
            self._parse(chunk)
        return self._found.popleft()

    def _parse(self, chunk: bytes) -> None:
        """A fault is kept for when it is reached, so that the answer does not depend on how the body was cut."""
        try:
            self._parser.write(chunk)
        except FormParserError:
            self._fault = _invalid("This is not valid multipart/form-data.")
        except Invalid as error:
            self._fault = error

    def _on_header(self) -> None:
        self._headers[bytes(self._field).lower()] = bytes(self._value)
        self._field.clear()
        self._value.clear()

    def _on_headers(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        media_type, _ = parse_options_header(self._headers.get(b"content-type", b""))
        filename = options.get(b"filename")
        self._parts += 1
        if b"name" not in options or self._parts > MOST_PARTS:
            raise _invalid("This is not a form with the fields `file` and `purpose`.")
        self._headers = {}
        self._found.append(
            Part(
                options[b"name"].decode(errors="replace")[:100],
                None if filename is None else _unescaped(filename.decode(errors="replace")),
                media_type.decode("latin-1"),
            )
        )

    def _on_end(self) -> None:
        self._finished = True


def _unescaped(filename: str) -> str:
    """A name as it was before browsers put it between quotes (WHATWG HTML, multipart form data)."""
    return filename.replace("%22", '"').replace("%0D", "").replace("%0A", "")


def _invalid(text: str) -> Invalid:
    return Invalid({"file": [text]})
