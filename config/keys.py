"""Reads the encryption keys for personal data from their text form."""

import base64
import binascii
import hashlib

from django.core.exceptions import ImproperlyConfigured

KEY_BYTES = 32


def _decode(name: str, text: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    # The value itself stays out of the message: messages end up in logs.
    if len(key) != KEY_BYTES:
        raise ImproperlyConfigured(f"环境变量 {name} 中的密钥必须是 32 字节的 base64 编码。")
    return key


def parse_field_keys(text: str) -> dict[str, bytes]:
    """`id:key,id:key` → keys by id, the first being the one that encrypts; older ones still decrypt."""
    keys: dict[str, bytes] = {}
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        key_id, _, encoded = part.partition(":")
        if not key_id or not encoded or key_id in keys:
            raise ImproperlyConfigured("环境变量 FIELD_KEYS 应为“编号:密钥”，多个用逗号分隔，编号不得重复。")
        keys[key_id] = _decode("FIELD_KEYS", encoded)
    if not keys:
        raise ImproperlyConfigured("环境变量 FIELD_KEYS 中没有密钥。")
    return keys


def parse_lookup_key(text: str) -> bytes:
    return _decode("LOOKUP_KEY", text)


def demo_key(label: str) -> bytes:
    """A fixed key for synthetic data only: the demo must read its own rows again after a restart."""
    return hashlib.sha256(f"demo only, protects nothing: {label}".encode()).digest()
