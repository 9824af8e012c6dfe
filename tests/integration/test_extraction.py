"""Reading the text of files that strangers have made."""

import time

import pytest

from clients.extraction import TOO_MUCH, Extractor
from clients.extraction.documents import DAMAGED, DOCX_TYPE, ENCRYPTED, NO_TEXT, TOO_LARGE
from tests.documents import docx, encrypted_pdf, laughs, looping_pdf, pdf, zip_bomb

PDF_TYPE = "application/pdf"


@pytest.mark.parametrize(
    ("content", "media_type", "text"),
    [
        (pdf("Ada Lovelace", "Analytical engines"), PDF_TYPE, "Ada Lovelace\nAnalytical engines"),
        (docx("Ada Lovelace", "Grüße, 世界 🙂"), DOCX_TYPE, "Ada Lovelace\nGrüße, 世界 🙂"),
        ("Grüße,\n世界 🙂\n".encode(), "text/plain", "Grüße,\n世界 🙂"),
        (encrypted_pdf(""), PDF_TYPE, "a secret"),
    ],
    ids=["pdf", "docx", "text", "pdf that may not be changed"],
)
async def test_text_is_read(content: bytes, media_type: str, text: str) -> None:
    read = await Extractor().read(content, media_type)
    assert (read.text, read.truncated, read.reason) == (text, False, None)


@pytest.mark.parametrize(
    ("content", "media_type", "reason"),
    [
        (encrypted_pdf("a password"), PDF_TYPE, ENCRYPTED),
        (b"%PDF-1.7\nthis is none at all", PDF_TYPE, DAMAGED),
        (pdf("cut off")[:200], PDF_TYPE, DAMAGED),
        (docx(), DOCX_TYPE, NO_TEXT),
        (b"PK\x03\x04 no archive", DOCX_TYPE, DAMAGED),
        (docx(document=b"<w:document"), DOCX_TYPE, DAMAGED),
        (laughs(), DOCX_TYPE, DAMAGED),
        (b" \n", "text/plain", NO_TEXT),
    ],
    ids=["encrypted", "no pdf", "cut off", "empty", "no archive", "broken xml", "entities", "blank"],
)
async def test_what_cannot_be_read_says_why(content: bytes, media_type: str, reason: str) -> None:
    read = await Extractor().read(content, media_type)
    assert (read.text, read.reason) == ("", reason)


async def test_a_zip_bomb_is_not_unpacked() -> None:
    bomb = zip_bomb()
    assert len(bomb) < 1024**2
    assert (await Extractor().read(bomb, DOCX_TYPE)).reason in {TOO_LARGE, TOO_MUCH}


async def test_a_pdf_that_contains_itself_ends() -> None:
    read = await Extractor().read(looping_pdf(), PDF_TYPE)
    assert read.reason in {DAMAGED, NO_TEXT, TOO_MUCH}


async def test_memory_has_a_limit() -> None:
    read = await Extractor(memory_bytes=200 * 1024**2).read(docx("x" * 1000, *["y" * 1000] * 40_000), DOCX_TYPE)
    assert read.text or read.reason == TOO_MUCH
    tight = await Extractor(memory_bytes=24 * 1024**2).read(docx("x"), DOCX_TYPE)
    assert tight.reason == TOO_MUCH


async def test_time_has_a_limit() -> None:
    begin = time.monotonic()
    read = await Extractor(seconds=0.05).read(docx("x"), DOCX_TYPE)
    assert read.reason == TOO_MUCH
    assert time.monotonic() - begin < 5


async def test_long_texts_are_cut() -> None:
    read = await Extractor().read(b"word " * 100_000, "text/plain")
    assert (len(read.text), read.truncated) == (200_000 - 1, True)
