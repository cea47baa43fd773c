"""Files that people hand in, and files that only some may see.

Taken: JPEG, PNG and PDF, and MP4 where a film may prove something, told by content and never by name. Images
are drawn anew, so that nothing but the picture survives (no EXIF position, no second file hidden in the
first). A PDF and a film are kept as they are and never parsed here; a film is never shown inline.
Source: trust.md 1.13, 1.18-1.19, 5.
"""

from __future__ import annotations

import struct
import unicodedata
import uuid
import zlib
from dataclasses import dataclass, field
from hashlib import sha256
from io import BytesIO
from pathlib import PurePosixPath
from typing import IO

from django.db.models.fields.files import FieldFile
from django.http import FileResponse
from PIL import Image, ImageOps

from common.errors import Refused

MAX_BYTES = 10 * 1024 * 1024
MAX_VIDEO_BYTES = 50 * 1024 * 1024
MAX_PIXELS = 50_000_000
# Half of a 600 dpi scan is still 300 dpi; decoding all of it twice would cost 300 MB.
_HALVED_FROM_PIXELS = 25_000_000
_JPEG_QUALITY = 88
_PNG_MODES = frozenset({"1", "L", "LA", "P", "RGB", "RGBA"})
VIDEO = "video/mp4"
_EXTENSIONS = {"image/jpeg": ".jpg", "image/png": ".png", "application/pdf": ".pdf", VIDEO: ".mp4"}
_SHOWN_IN_BROWSER = frozenset(_EXTENSIONS) - {VIDEO}
# What phones write at the beginning of an MP4; a picture (HEIC, AVIF) has the same box with another name.
_MP4_BRANDS = (
    b"isom",
    b"iso2",
    b"iso4",
    b"iso5",
    b"iso6",
    b"mp41",
    b"mp42",
    b"avc1",
    b"M4V ",
    b"3gp4",
    b"3gp5",
)
# A broken picture can make Pillow raise any of these; a bomb warning counts when warnings are errors.
_DAMAGE = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    IndexError,
    KeyError,
    TypeError,
    OverflowError,
    struct.error,
    zlib.error,
)
_BOMB = (Image.DecompressionBombError, Image.DecompressionBombWarning)


@dataclass(frozen=True, slots=True)
class CleanFile:
    """What is stored. `name` is random: the one given by the browser may carry personal data or a path."""

    content: bytes
    content_type: str
    extension: str
    sha256: str
    name: str = field(default="")

    @classmethod
    def of(cls, content: bytes, content_type: str) -> CleanFile:
        extension = _EXTENSIONS[content_type]
        return cls(
            content, content_type, extension, sha256(content).hexdigest(), uuid.uuid4().hex + extension
        )


def clean_upload(file: IO[bytes], *, field: str = "file", video: bool = False) -> CleanFile:
    """The safe form of an upload; Refused for `field` when it is no such kind, damaged or too big.

    `video`: a film is taken as well, up to `MAX_VIDEO_BYTES`.
    """
    if file is None:
        raise Refused("请选择要上传的文件。", field=field)
    file.seek(0)
    content = file.read(MAX_BYTES + 1)
    if not content:
        raise Refused("文件是空的，请重新选择。", field=field)
    if video and content[4:8] == b"ftyp" and content[8:12] in _MP4_BRANDS:
        return _clean_video(content + file.read(MAX_VIDEO_BYTES + 1 - len(content)), field)
    if len(content) > MAX_BYTES:
        raise Refused(f"文件不能超过 {MAX_BYTES // 1024 // 1024} MB，请压缩或分开上传。", field=field)
    if content.startswith(b"%PDF-"):
        return _clean_pdf(content, field)
    if content.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")):
        return _clean_image(content, field)
    raise Refused("只能上传 JPG、PNG 图片或 PDF 文件；其他格式请先转换，或用手机直接拍照。", field=field)


def _clean_video(content: bytes, field: str) -> CleanFile:
    if len(content) > MAX_VIDEO_BYTES:
        raise Refused(f"视频不能超过 {MAX_VIDEO_BYTES // 1024 // 1024} MB，请缩短或压缩。", field=field)
    return CleanFile.of(content, VIDEO)


def _clean_pdf(content: bytes, field: str) -> CleanFile:
    if b"%%EOF" not in content[-2048:]:
        raise Refused("PDF 文件不完整，可能没有传完，请重新导出后上传。", field=field)
    return CleanFile.of(content, "application/pdf")


def _clean_image(content: bytes, field: str) -> CleanFile:
    try:
        with Image.open(BytesIO(content), formats=["JPEG", "PNG"]) as image:
            width, height = image.size
            if width * height > MAX_PIXELS:
                raise Refused(
                    f"图片像素过大（{width}×{height}），请把拍照或扫描的分辨率调低后重新上传。", field=field
                )
            return _redrawn(image)
    except _BOMB:
        raise Refused("图片像素过大，请把拍照或扫描的分辨率调低后重新上传。", field=field) from None
    except _DAMAGE:
        raise Refused("图片已损坏，无法打开，请重新拍照或扫描后上传。", field=field) from None


def _redrawn(image: Image.Image) -> CleanFile:
    """The picture alone: turned upright, in plain colours, without anything else the file carried."""
    # Phones write several pictures into one JPEG (MPO); the first is the photo.
    jpeg = image.format != "PNG"
    width, height = image.size
    large = width * height > _HALVED_FROM_PIXELS
    if large and jpeg:
        image.draft(None, (width // 2, height // 2))
    image.load()
    if large and image.size == (width, height) and image.mode != "P":
        exif = image.getexif()
        image = image.reduce(2)
        image.info["exif"] = exif.tobytes()
    picture = ImageOps.exif_transpose(image)
    if jpeg and picture.mode not in ("L", "RGB") or picture.mode not in _PNG_MODES:
        picture = picture.convert("RGB")
    picture.info = {key: value for key, value in picture.info.items() if key == "transparency" and not jpeg}
    buffer = BytesIO()
    if jpeg:
        picture.save(buffer, "JPEG", quality=_JPEG_QUALITY, optimize=True)
        return CleanFile.of(buffer.getvalue(), "image/jpeg")
    picture.save(buffer, "PNG")
    return CleanFile.of(buffer.getvalue(), "image/png")


def safe_filename(name: str) -> str:
    """A name to offer for saving: no folder, no control or direction marks, at most 100 characters."""
    last = PurePosixPath(name.replace("\\", "/")).name
    visible = "".join(c for c in last if unicodedata.category(c)[0] != "C" and c not in '"<>|?*:').strip(" .")
    stem, dot, extension = visible.rpartition(".")
    return f"{stem[:90]}.{extension[:9]}" if dot and stem else visible[:100] or "file"


def send_upload(stored: FieldFile, *, content_type: str, name: str, inline: bool = True) -> FileResponse:
    """A stored upload, decrypted on the way out, under `name` with the ending of its kind; see
    `send_private`.
    """
    with stored.open("rb") as file:
        content = file.read()
    filename = f"{name}{_EXTENSIONS[content_type]}"
    return send_private(content, content_type=content_type, filename=filename, inline=inline)


def send_private(
    content: bytes | IO[bytes], *, content_type: str, filename: str, inline: bool = False
) -> FileResponse:
    """A response with a private file, as a download, or shown in the browser for pictures and PDF.

    Whatever it is, the browser neither guesses its type nor runs it nor keeps it. The caller has asked who
    may see it. No personal number belongs into `filename`.
    """
    inline = inline and content_type in _SHOWN_IN_BROWSER
    response = FileResponse(
        BytesIO(content) if isinstance(content, bytes) else content,
        content_type=content_type,
        as_attachment=not inline,
        filename=safe_filename(filename),
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "no-store, private"
    # Browsers refuse to show a PDF in a sandbox, so one that is shown gets the rest of the policy only.
    sandbox = "" if inline and content_type == "application/pdf" else "; sandbox"
    response["Content-Security-Policy"] = f"default-src 'none'; frame-ancestors 'none'{sandbox}"
    return response
