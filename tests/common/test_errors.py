"""Refusals and verdicts: a sentence, its place in the form, and the clause behind it."""

import pytest
from django import forms

from common.errors import Refused
from common.verdict import ALLOWED, Verdict, denied


class PaperForm(forms.Form):
    name = forms.CharField(label="姓名", required=False)


@pytest.mark.parametrize(("field", "place"), [("name", "name"), ("", "__all__"), ("elsewhere", "__all__")])
def test_a_refusal_stands_beside_its_field_or_on_top(field, place) -> None:
    form = PaperForm({})
    Refused("姓名不能为空", field=field, clause="SY-A1.1b").add_to(form)
    assert form.errors == {place: ["姓名不能为空（SY-A1.1b）"]}


def test_a_verdict_is_true_or_says_why() -> None:
    assert ALLOWED
    assert not denied("同一人不能兼任两岗")
    assert denied("同一人不能兼任两岗") == Verdict(False, "同一人不能兼任两岗")
