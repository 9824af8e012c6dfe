"""What files may be: told by their first bytes, whatever their names and their senders say.

The table is short on purpose. What is not in it is refused; pages and drawings that run scripts (HTML, SVG) can be
in none of its entries.
"""

import codecs
import re
import struct
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from models.errors import Invalid

HEAD_BYTES = 4096
LONGEST_NAME_BYTES = 255
ZIP_TAIL_BYTES = 128 * 1024

ALIEN = "Files of this type are not accepted."
LYING = "The content of this file is not what its name or its type says."
BROKEN = "This file is damaged."
EMPTY = "This file is empty."

NO_CLAIM = {"", "application/octet-stream", "binary/octet-stream"}
ACTIVE_EXTENSIONS = {
    *("htm", "html", "shtml", "xhtml", "xht", "mht", "mhtml", "svg", "svgz", "xml", "xsl", "js", "mjs", "hta", "swf"),
    *("exe", "com", "bat", "cmd", "msi", "scr", "vbs", "vbe", "wsf", "ps1", "sh", "jar", "lnk", "url", "php"),
}
MP4_BRANDS = {
    b"isom",
    b"iso2",
    b"iso3",
    b"iso4",
    b"iso5",
    b"iso6",
    b"mp41",
    b"mp42",
    b"avc1",
    b"dash",
    b"M4V ",
    b"MSNV",
}

_MARKUP = re.compile(rb"<[A-Za-z!?/]")
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0e-\x1f\x7f]")
_UNSAFE_IN_NAMES = re.compile(r'[<>:"|?*]')


class Check:
    """Looks at all bytes of a file, beyond its first ones."""

    def feed(self, chunk: bytes) -> None:
        """Look at what comes next; raises Invalid."""

    def finish(self) -> None:
        """It was all; raises Invalid."""


class TextCheck(Check):
    """UTF-8 throughout, without control characters."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")()

    def feed(self, chunk: bytes) -> None:
        """Look at what comes next; raises Invalid."""
        self._decode(chunk, final=False)
        if _CONTROL.search(chunk):
            raise refused(ALIEN)

    def finish(self) -> None:
        """It was all; raises Invalid where a character is cut off."""
        self._decode(b"", final=True)

    def _decode(self, chunk: bytes, *, final: bool) -> None:
        try:
            self._decoder.decode(chunk, final)
        except UnicodeDecodeError as error:
            raise refused("A text has to be in UTF-8.") from error


class DocxCheck(Check):
    """A ZIP archive that holds a Word document without macros, by the directory at its end."""

    def __init__(self) -> None:
        self._size = 0
        self._tail = b""

    def feed(self, chunk: bytes) -> None:
        """Keep the end."""
        self._size += len(chunk)
        self._tail = (self._tail + chunk)[-ZIP_TAIL_BYTES:]

    def finish(self) -> None:
        """Read the directory; raises Invalid."""
        names = self._names()
        if not {b"[Content_Types].xml", b"word/document.xml"} <= names:
            raise refused(ALIEN)
        if any(name.lower().endswith(b"vbaproject.bin") for name in names):
            raise refused("Documents with macros are not accepted.")

    def _names(self) -> set[bytes]:
        try:
            end = self._tail.rindex(b"PK\x05\x06")
            size, offset = struct.unpack_from("<II", self._tail, end + 12)
            begin = offset - (self._size - len(self._tail))
            directory = self._tail[begin : begin + size] if begin >= 0 else b""
            return _directory_names(directory)
        except (ValueError, struct.error) as error:
            raise refused(BROKEN) from error


def _directory_names(directory: bytes) -> set[bytes]:
    names, place = set(), 0
    while directory[place : place + 4] == b"PK\x01\x02":
        name, extra, comment = struct.unpack_from("<HHH", directory, place + 28)
        names.add(directory[place + 46 : place + 46 + name])
        place += 46 + name + extra + comment
    return names


@dataclass(frozen=True)
class FileType:
    """One type of file.

    Attributes:
        claims: As what senders call it.
        extensions: How its names end; the first one is put to a name that ends otherwise.
        inline: A browser may show it.
    """

    media_type: str
    extensions: tuple[str, ...]
    claims: frozenset[str] = frozenset()
    check: Callable[[], Check] = field(default=Check)
    inline: bool = False

    def claimed_by(self, media_type: str) -> bool:
        """Whether a sender who says so tells the truth."""
        return media_type in NO_CLAIM or media_type == self.media_type or media_type in self.claims


DOCX_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PNG = FileType("image/png", ("png",), inline=True)
JPEG = FileType("image/jpeg", ("jpg", "jpeg", "jpe"), frozenset({"image/jpg", "image/pjpeg"}), inline=True)
WEBP = FileType("image/webp", ("webp",), inline=True)
GIF = FileType("image/gif", ("gif",), inline=True)
PDF = FileType("application/pdf", ("pdf",), frozenset({"application/x-pdf"}), inline=True)
DOCX = FileType(DOCX_TYPE, ("docx",), check=DocxCheck)
TEXT = FileType("text/plain", ("txt", "text", "log"), frozenset({"text/markdown", "text/x-markdown"}), check=TextCheck)
MARKDOWN = FileType("text/markdown", ("md", "markdown"), frozenset({"text/plain", "text/x-markdown"}), check=TextCheck)
MP4 = FileType("video/mp4", ("mp4", "m4v"), frozenset({"video/x-m4v"}), inline=True)
WEBM = FileType("video/webm", ("webm",), inline=True)

TYPES: Mapping[str, FileType] = {
    one.media_type: one for one in (PNG, JPEG, WEBP, GIF, PDF, DOCX, TEXT, MARKDOWN, MP4, WEBM)
}
IMAGES = frozenset({PNG, JPEG, WEBP, GIF})
DOCUMENTS = frozenset({PDF, DOCX, TEXT, MARKDOWN})
VIDEOS = frozenset({MP4, WEBM})

ACCEPTED: Mapping[str, frozenset[FileType]] = {
    "avatar": IMAGES,
    "attachment": IMAGES | DOCUMENTS | VIDEOS,
    "resume": DOCUMENTS,
    "video": VIDEOS,
    "resource": IMAGES | DOCUMENTS | VIDEOS,
}
"""What may be uploaded for what."""


def recognise(head: bytes, name: str, claim: str) -> FileType:
    """The type of a file by its first bytes.

    Raises Invalid when it is none that we take, or when the name or the sender say another one.
    """
    if not head:
        raise refused(EMPTY)
    found = _by_bytes(head)
    extension = _extension(name)
    if found is TEXT and extension in MARKDOWN.extensions:
        found = MARKDOWN
    others = {one for kind in TYPES.values() if kind is not found for one in kind.extensions}
    if extension in others | ACTIVE_EXTENSIONS or not found.claimed_by(claim.lower()):
        raise refused(LYING)
    return found


def _by_bytes(head: bytes) -> FileType:
    for kind, begins in (
        (PNG, head.startswith(b"\x89PNG\r\n\x1a\n")),
        (JPEG, head.startswith(b"\xff\xd8\xff")),
        (GIF, head.startswith((b"GIF87a", b"GIF89a"))),
        (WEBP, head.startswith(b"RIFF") and head[8:12] == b"WEBP"),
        (PDF, head.startswith(b"%PDF-")),
        (DOCX, head.startswith(b"PK\x03\x04")),
        (MP4, head[4:8] == b"ftyp" and head[8:12] in MP4_BRANDS),
        (WEBM, head.startswith(b"\x1a\x45\xdf\xa3") and b"\x42\x82\x84webm" in head[:64]),
    ):
        if begins:
            return kind
    # What a browser would take for markup is none of our texts, wherever it may be shown one day.
    if _CONTROL.search(head) or _MARKUP.match(head.removeprefix(codecs.BOM_UTF8).lstrip()):
        raise refused(ALIEN)
    return TEXT


def clean_name(name: str, kind: FileType) -> str:
    """A name that is safe on every system: no path, nothing that cannot be seen, and an end that fits the content."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    seen = "".join(one for one in last if _is_shown(one))
    stem = _UNSAFE_IN_NAMES.sub("_", seen).strip(" .")
    extension = _extension(stem)
    if extension in kind.extensions:
        stem, ending = stem[: -len(extension) - 1], stem[-len(extension) - 1 :]
    else:
        ending = f".{kind.extensions[0]}"
    room = LONGEST_NAME_BYTES - len(ending.encode())
    return (stem.encode()[:room].decode(errors="ignore").rstrip(" .") or "file") + ending


def _is_shown(character: str) -> bool:
    """No control, format (bidirectional overrides), surrogate or unassigned characters, no line separators.

    The two joiners stay, for scripts and emoji that are written with them.
    """
    return character in "\u200c\u200d" or unicodedata.category(character) not in {
        "Cc",
        "Cf",
        "Cs",
        "Cn",
        "Co",
        "Zl",
        "Zp",
    }


def _extension(name: str) -> str:
    stem, dot, extension = name.strip(" .").rpartition(".")
    return extension.lower() if dot and stem else ""


def refused(text: str) -> Invalid:
    """The refusal of a file for what it is."""
    return Invalid({"file": [text]})
