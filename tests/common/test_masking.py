"""Masks: enough to recognise a person one knows, too little to learn a number. Source: facts.md 15."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.masking import mask_account, mask_id_number, mask_name, mask_phone


@pytest.mark.parametrize(
    ("mask", "number", "shown"),
    [
        (mask_id_number, "330305198001010027", "330305********0027"),
        (mask_id_number, "1234567890", "**********"),
        (mask_id_number, "", ""),
        (mask_phone, "13800001234", "138****1234"),
        (mask_phone, "1234567", "*******"),
        (mask_account, "6228480402564890018", "***************0018"),
        (mask_account, "1234", "****"),
        (mask_name, "林小花", "林*花"),
        (mask_name, "林花", "林*"),
        (mask_name, "欧阳小花", "欧**花"),
        (mask_name, "𠮷田", "𠮷*"),
        (mask_name, "林", "林"),
        (mask_name, "", ""),
    ],
)
def test_what_is_shown(mask, number, shown) -> None:
    assert mask(number) == shown


@given(st.text("0123456789X", max_size=30))
def test_no_mask_shows_the_middle_or_changes_the_length(number) -> None:
    for mask, most in ((mask_id_number, 10), (mask_phone, 7), (mask_account, 4)):
        shown = mask(number)
        assert len(shown) == len(number)
        assert len(shown.replace("*", "")) <= most
        assert not number or shown != number
