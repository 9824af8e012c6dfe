"""Documents as people upload them, and as those make them who mean harm."""

import io
import zipfile

from pypdf import PdfReader, PdfWriter

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def pdf(*lines: str) -> bytes:
    """A PDF of one page with a text."""
    shown = "".join(f"({line.replace('(', '[').replace(')', ']')}) Tj T* " for line in lines)
    content = f"BT /F1 12 Tf 14 TL 50 700 Td {shown}ET".encode("latin-1")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources 6 0 R >>",
        b"<< /Length %d >>\nstream\n%b\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        b"<< /Font << /F1 5 0 R >> >>",
    ]
    made = b"%PDF-1.7\n"
    places = []
    for number, body in enumerate(objects, start=1):
        places.append(len(made))
        made += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    tail = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(made))
    return made + head + table + tail


def encrypted_pdf(password: str) -> bytes:
    """The same behind a password."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf("a secret"))))
    writer.encrypt(password, algorithm="RC4-128")
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def docx(*paragraphs: str, document: bytes | None = None) -> bytes:
    """A DOCX of these paragraphs, or with a document.xml of the test's own."""
    body = "".join(f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>" for text in paragraphs)
    plain = f'<?xml version="1.0"?><w:document xmlns:w="{WORD}"><w:body>{body}</w:body></w:document>'.encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("_rels/.rels", "<Relationships/>")
        archive.writestr("word/document.xml", plain if document is None else document)
    return buffer.getvalue()


def zip_bomb(megabytes: int = 600) -> bytes:
    """A small DOCX that unpacks to so much."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("_rels/.rels", "<Relationships/>")
        with archive.open("word/document.xml", "w", force_zip64=True) as document:
            document.write(f'<?xml version="1.0"?><w:document xmlns:w="{WORD}"><w:body><w:p><w:r><w:t>'.encode())
            for _ in range(megabytes):
                document.write(b"A" * 1024**2)
            document.write(b"</w:t></w:r></w:p></w:body></w:document>")
    return buffer.getvalue()


def laughs() -> bytes:
    """A DOCX whose few entities stand for gigabytes."""
    entities = '<!ENTITY a "ha">' + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(12))
    text = f'<!DOCTYPE d [{entities}]><w:document xmlns:w="{WORD}"><w:body><w:p><w:r><w:t>&m;</w:t></w:r></w:p>'
    return docx(document=f"{text}</w:body></w:document>".encode())


def looping_pdf() -> bytes:
    """A PDF whose tree of pages contains itself."""
    return pdf("around").replace(b"/Kids [3 0 R]", b"/Kids [2 0 R]")
