"""Uploads: by content, redrawn, bounded; and how a private file leaves."""

import contextlib
import random
import struct
import zlib
from hashlib import sha256
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from common import uploads
from common.errors import Refused
from common.uploads import clean_upload, safe_filename, send_private

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def picture(kind: str, size=(40, 20), mode="RGB", color=(200, 30, 30), **options) -> bytes:
    buffer = BytesIO()
    Image.new(mode, size, color).save(buffer, kind, **options)
    return buffer.getvalue()


def reason(content: bytes, name: str = "a.jpg") -> str:
    with pytest.raises(Refused) as refusal:
        clean_upload(SimpleUploadedFile(name, content))
    assert refusal.value.field == "file"
    return refusal.value.message


@pytest.mark.parametrize(
    ("content", "content_type", "extension"),
    [
        (picture("JPEG"), "image/jpeg", ".jpg"),
        (picture("PNG"), "image/png", ".png"),
        (PDF, "application/pdf", ".pdf"),
    ],
)
def test_the_type_comes_from_the_content_not_from_the_name(content, content_type, extension) -> None:
    clean = clean_upload(SimpleUploadedFile("身份证330305198001010027.exe", content, "text/html"))

    assert (clean.content_type, clean.extension) == (content_type, extension)
    assert clean.sha256 == sha256(clean.content).hexdigest()
    assert clean.name.endswith(extension)
    assert "330305" not in clean.name


def test_position_and_other_metadata_do_not_survive_but_the_photo_is_turned_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held upright: turn by 90 degrees
    exif[0x010F] = "SECRETCAM"
    exif.get_ifd(0x8825)[2] = (27.0, 50.0, 1.0)
    content = picture("JPEG", exif=exif.tobytes(), comment=b"SECRETCOMMENT")
    assert b"SECRETCAM" in content

    clean = clean_upload(BytesIO(content))

    with Image.open(BytesIO(clean.content)) as image:
        assert image.size == (20, 40)
        assert not dict(image.getexif())
    assert b"SECRET" not in clean.content


def test_text_chunks_of_a_png_do_not_survive() -> None:
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    info.add_text("Comment", "SECRETTEXT")
    assert b"SECRETTEXT" in picture("PNG", pnginfo=info)

    assert b"SECRETTEXT" not in clean_upload(BytesIO(picture("PNG", pnginfo=info))).content


def test_what_is_appended_to_a_picture_does_not_survive() -> None:
    assert b"<script>" not in clean_upload(BytesIO(picture("JPEG") + b"<script>alert(1)</script>")).content


@pytest.mark.parametrize(
    ("mode", "color"),
    [("L", 7), ("1", 1), ("P", 3), ("RGBA", (1, 2, 3, 4)), ("LA", (9, 9)), ("I;16", 900)],
)
def test_every_colour_mode_of_png_is_taken(mode, color) -> None:
    assert clean_upload(BytesIO(picture("PNG", mode=mode, color=color))).content_type == "image/png"


@pytest.mark.parametrize("mode", ["L", "CMYK"])
def test_every_colour_mode_of_jpeg_is_taken(mode) -> None:
    color = 5 if mode == "L" else (1, 2, 3, 4)
    with Image.open(BytesIO(clean_upload(BytesIO(picture("JPEG", mode=mode, color=color))).content)) as image:
        assert image.mode in ("L", "RGB")


@pytest.mark.parametrize(
    "content",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='x'/>",
        b"GIF89a" + b"\0" * 100,
        b"<html>",
        b"MZ" + b"\0" * 100,
        b"PK\x03\x04",
        b"\0",
        b" %PDF-1.7 %%EOF",
    ],
)
def test_anything_else_is_refused_whatever_it_is_called(content) -> None:
    assert "只能上传" in reason(content)


def test_empty_missing_and_oversized_files_are_refused() -> None:
    assert "空的" in reason(b"")
    assert "10 MB" in reason(PDF + b"\0" * (10 * 1024 * 1024))
    with pytest.raises(Refused, match="选择"):
        clean_upload(None)


def test_a_pdf_without_an_end_is_refused() -> None:
    assert "不完整" in reason(PDF[:-7], "a.pdf")


def png_claiming(width: int, height: int) -> bytes:
    """A PNG of a few bytes whose header promises a huge picture."""
    head = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = b"IDAT" + zlib.compress(b"\0" * 100)
    chunks = b"".join(
        struct.pack(">I", len(c) - 4) + c + struct.pack(">I", zlib.crc32(c)) for c in (head, data, b"IEND")
    )
    return b"\x89PNG\r\n\x1a\n" + chunks


@pytest.mark.parametrize("size", [(7072, 7072), (10_000, 9_500), (60_000, 60_000)])
def test_a_picture_with_too_many_pixels_is_refused_before_it_is_decoded(size) -> None:
    assert "像素过大" in reason(png_claiming(*size))


def test_the_largest_scans_are_halved(monkeypatch) -> None:
    monkeypatch.setattr(uploads, "_HALVED_FROM_PIXELS", 1000)
    for kind in ("JPEG", "PNG"):
        with Image.open(BytesIO(clean_upload(BytesIO(picture(kind, size=(80, 60)))).content)) as image:
            assert image.size == (40, 30)


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_cut_or_damaged_picture_is_refused_or_redrawn_but_never_an_error(kind) -> None:
    noise = random.Random(7)
    whole = bytearray(picture(kind, size=(64, 64)))
    for _ in range(150):
        content = bytearray(whole)
        if noise.random() < 0.4:
            content = content[: noise.randrange(4, len(content))]
        else:
            for _ in range(noise.randrange(1, 6)):
                content[noise.randrange(8, len(content))] ^= 1 << noise.randrange(8)
        # Anything but a refusal fails the test by itself.
        with contextlib.suppress(Refused):
            clean_upload(BytesIO(bytes(content)))


@pytest.mark.parametrize(
    ("given", "offered"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\a\\公示表.pdf", "公示表.pdf"),
        ("a\r\nSet-Cookie: x.pdf", "aSet-Cookie x.pdf"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("a\0b.pdf", "ab.pdf"),
        ("名" * 300 + ".pdf", "名" * 90 + ".pdf"),
        ("", "file"),
        ("..", "file"),
    ],
)
def test_names_offered_for_saving_are_harmless(given, offered) -> None:
    assert safe_filename(given) == offered


def test_a_private_file_is_downloaded_and_neither_guessed_at_nor_kept() -> None:
    response = send_private(
        b"<script>1</script>", content_type="text/html", filename="王𠮷.html", inline=True
    )

    assert b"".join(response) == b"<script>1</script>"
    assert response["Content-Disposition"].startswith(
        "attachment; filename*=utf-8''%E7%8E%8B%F0%A0%AE%B7.html"
    )
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in response["Cache-Control"]
    assert "sandbox" in response["Content-Security-Policy"]


def test_pictures_may_be_shown_in_a_sandbox_and_pdf_without_one() -> None:
    shown = send_private(picture("PNG"), content_type="image/png", filename="a.png", inline=True)
    assert shown["Content-Disposition"].startswith("inline")
    assert "sandbox" in shown["Content-Security-Policy"]

    pdf = send_private(BytesIO(PDF), content_type="application/pdf", filename="a.pdf", inline=True)
    assert pdf["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert b"".join(pdf) == PDF
