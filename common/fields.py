"""Personal data at rest: AES-GCM with a key id, and an HMAC digest for exact search.

Stored form: key id (1 byte length + text) ‖ nonce (12) ‖ ciphertext and tag. The first key of
`settings.FIELD_KEYS` encrypts; any of them decrypts, so keys are changed by prepending a new one.
"""

import hmac
import secrets
from hashlib import sha256

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import models

_NONCE = 12


def encrypt_bytes(content: bytes) -> bytes:
    """The stored form of `content`; a new nonce each time."""
    key_id, key = next(iter(settings.FIELD_KEYS.items()))
    tag = key_id.encode()
    nonce = secrets.token_bytes(_NONCE)
    return bytes([len(tag)]) + tag + nonce + AESGCM(key).encrypt(nonce, content, tag)


def decrypt_bytes(stored: bytes) -> bytes:
    """What lies behind the stored form; InvalidTag when it was altered, KeyError for a lost key."""
    stored = bytes(stored)
    end = 1 + stored[0]
    tag, nonce = stored[1:end], stored[end : end + _NONCE]
    return AESGCM(settings.FIELD_KEYS[tag.decode()]).decrypt(nonce, stored[end + _NONCE :], tag)


def encrypt(text: str) -> bytes:
    """The stored form of a text."""
    return encrypt_bytes(text.encode())


def decrypt(stored: bytes) -> str:
    """The text behind its stored form."""
    return decrypt_bytes(stored).decode()


def lookup_digest(text: str, purpose: str) -> str:
    """The HMAC by which an encrypted value is found again; `purpose` keeps columns apart."""
    if not text:
        return ""
    return hmac.new(settings.LOOKUP_KEY, f"{purpose}:{text}".encode(), sha256).hexdigest()


class EncryptedTextField(models.BinaryField):
    """A text that the database only ever holds encrypted."""

    def __init__(self, *args, **kwargs) -> None:
        kwargs.setdefault("editable", True)
        super().__init__(*args, **kwargs)

    def from_db_value(self, value, expression, connection):
        return "" if value is None else decrypt(value)

    def to_python(self, value):
        return value

    def get_db_prep_value(self, value, connection, prepared=False):
        if isinstance(value, str):
            value = encrypt(value) if value else None
        return super().get_db_prep_value(value, connection, prepared)


class LookupDigestField(models.CharField):
    """Beside an encrypted column: the HMAC by which equal texts are found without being read.

    It follows the column `of` at each save; `purpose` keeps columns of another meaning apart.
    """

    def __init__(self, *args, of: str = "", purpose: str = "", **kwargs) -> None:
        self.of, self.purpose = of, purpose
        kwargs |= {"max_length": 64, "blank": True, "default": "", "db_default": "", "editable": False}
        super().__init__(*args, **kwargs)

    def deconstruct(self):
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, kwargs | {"of": self.of, "purpose": self.purpose}

    def pre_save(self, model_instance, add):
        digest = lookup_digest(getattr(model_instance, self.of) or "", self.purpose)
        setattr(model_instance, self.attname, digest)
        return digest
