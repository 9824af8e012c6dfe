"""The text of PDF, DOCX and plain files. Runs in the process that reads one file and has limits."""

import io
import zipfile
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse
from pypdf import PdfReader
from pypdf.errors import PyPdfError

DOCX_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
DOCUMENT = "word/document.xml"
LARGEST_DOCUMENT = 50 * 1024**2
"""Of what a DOCX unpacks to: a book of a thousand pages has a tenth of it."""
MOST_PAGES = 500

ENCRYPTED = "This file is protected by a password. Please upload it without one."
DAMAGED = "This file is damaged, or not what its name says."
TOO_LARGE = "This file unpacks to more than can be read."
NO_TEXT = "There is no text in this file; it may be a scan."
ALIEN = "Only PDF, DOCX and plain text can be read."


class UnreadableError(Exception):
    """Why a file cannot be read, as a sentence for its owner."""


def read(content: bytes, media_type: str, longest: int) -> tuple[str, bool]:
    """The text of a file, at most so many characters, and whether there is more. Raises UnreadableError."""
    match media_type:
        case "application/pdf":
            pieces = _pdf(content)
        case "text/plain":
            pieces = iter([content.decode("utf-8", "replace")])
        case _ if media_type == DOCX_TYPE:
            pieces = _docx(content)
        case _:
            raise UnreadableError(ALIEN)
    text, truncated = _joined(pieces, longest)
    if not text:
        raise UnreadableError(NO_TEXT)
    return text, truncated


def _joined(pieces: Iterator[str], longest: int) -> tuple[str, bool]:
    """Pieces as one text of what can be shown and stored, read only as far as it is kept."""
    kept: list[str] = []
    length = 0
    for piece in pieces:
        # A lone surrogate is no text that could be encoded, and PostgreSQL keeps no zeros.
        clean = piece.encode("utf-8", "replace").decode().replace("\0", "")
        kept.append(clean)
        length += len(clean)
        if length > longest:
            return "".join(kept)[:longest].strip(), True
    return "".join(kept).strip(), False


def _pdf(content: bytes) -> Iterator[str]:
    try:
        reader = PdfReader(io.BytesIO(content), strict=False)
        # Many files are encrypted with an empty password, only so that they cannot be changed.
        if reader.is_encrypted and not reader.decrypt(""):
            raise UnreadableError(ENCRYPTED)
        for number, page in enumerate(reader.pages):
            if number == MOST_PAGES:
                return
            yield page.extract_text() + "\n\n"
    except (UnreadableError, MemoryError):
        raise
    except PyPdfError as error:
        raise UnreadableError(DAMAGED) from error
    except Exception as error:
        # What a broken file can make a reader of a format of 1,300 pages raise has no end.
        raise UnreadableError(DAMAGED) from error


def _docx(content: bytes) -> Iterator[str]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            info = archive.getinfo(DOCUMENT)
            if info.flag_bits & 0x1:
                raise UnreadableError(ENCRYPTED)
            with archive.open(info) as document:
                yield from _paragraphs(_Bounded(document, LARGEST_DOCUMENT))
    except (zipfile.BadZipFile, KeyError, ParseError, DefusedXmlException, NotImplementedError, EOFError) as error:
        raise UnreadableError(DAMAGED) from error


class _Bounded:
    """A stream that refuses to give more than so many bytes, whatever its archive claims that it holds."""

    def __init__(self, stream: Any, most: int) -> None:
        self._stream = stream
        self._left = most

    def read(self, size: int = -1) -> bytes:
        data: bytes = self._stream.read(size if size >= 0 else self._left + 1)
        self._left -= len(data)
        if self._left < 0:
            raise UnreadableError(TOO_LARGE)
        return data


def _paragraphs(document: _Bounded) -> Iterator[str]:
    """The text of each paragraph of WordprocessingML; entities and other files are refused."""
    line: list[str] = []
    for _, element in iterparse(document, events=("end",), forbid_dtd=True):
        match element.tag.removeprefix(WORD):
            case "t":
                line.append(element.text or "")
            case "tab":
                line.append("\t")
            case "br" | "cr":
                line.append("\n")
            case "p":
                yield "".join(line) + "\n"
                line.clear()
                # What was read is not kept: a long document would otherwise be in memory ten times over.
                element.clear()
