"""Encrypted columns: what lies in the database, who can read it, and how it is found again."""

import secrets

import pytest
from cryptography.exceptions import InvalidTag

from common.fields import EncryptedTextField, decrypt, decrypt_bytes, encrypt, encrypt_bytes, lookup_digest

NUMBER = "330305198001010027"


@pytest.mark.parametrize("text", [NUMBER, "", "𠮷·买买提", "a\nb", "x" * 10_000])
def test_a_text_comes_back_and_never_looks_the_same_twice(text) -> None:
    first, second = encrypt(text), encrypt(text)
    assert decrypt(first) == decrypt(second) == text
    assert first != second
    assert text == "" or text.encode() not in first


def test_files_are_kept_the_same_way() -> None:
    content = secrets.token_bytes(5000)
    assert decrypt_bytes(encrypt_bytes(content)) == content
    assert decrypt(memoryview(encrypt("x"))) == "x"


@pytest.mark.parametrize("place", [0, 1, 5, 20, -1])
def test_an_altered_byte_is_noticed(place) -> None:
    stored = bytearray(encrypt(NUMBER))
    stored[place] ^= 1
    with pytest.raises((InvalidTag, KeyError, UnicodeDecodeError)):
        decrypt(bytes(stored))


def test_a_new_key_is_put_in_front_and_the_old_still_reads(settings) -> None:
    old = encrypt(NUMBER)
    settings.FIELD_KEYS = {"k2": secrets.token_bytes(32), **settings.FIELD_KEYS}
    assert decrypt(old) == NUMBER
    assert encrypt(NUMBER)[1:3] == b"k2"
    settings.FIELD_KEYS = {"k2": settings.FIELD_KEYS["k2"]}
    with pytest.raises(KeyError):
        decrypt(old)


def test_the_wrong_key_under_the_right_name_reads_nothing(settings) -> None:
    stored = encrypt(NUMBER)
    settings.FIELD_KEYS = {name: secrets.token_bytes(32) for name in settings.FIELD_KEYS}
    with pytest.raises(InvalidTag):
        decrypt(stored)


def test_the_digest_finds_the_same_number_in_the_same_column_only(settings) -> None:
    digest = lookup_digest(NUMBER, "id")
    assert digest == lookup_digest(NUMBER, "id")
    assert len({digest, lookup_digest(NUMBER, "account"), lookup_digest(NUMBER[:-1], "id")}) == 3
    assert lookup_digest("", "id") == ""
    settings.LOOKUP_KEY = secrets.token_bytes(32)
    assert lookup_digest(NUMBER, "id") != digest


def test_the_field_hands_the_database_bytes_and_the_code_text() -> None:
    field = EncryptedTextField()
    stored = field.get_db_prep_value(NUMBER, connection=_Connection())
    assert NUMBER.encode() not in bytes(stored)
    assert field.from_db_value(bytes(stored), None, None) == NUMBER
    assert field.get_db_prep_value("", connection=_Connection()) is None
    assert field.from_db_value(None, None, None) == ""


class _Connection:
    """What a BinaryField asks of a connection, without a server."""

    class Database:
        Binary = staticmethod(bytes)
