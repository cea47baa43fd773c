"""Forms of /admin/: they ask the rules of the services, so that the answer stands beside the field."""

from __future__ import annotations

import re

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from common import clock
from common.verdict import Verdict
from organisations import perms
from organisations.enums import AreaLevel, Post
from organisations.models import ApiToken, Area, Population, Posting, User
from organisations.tokens import can_hold_token, why_not_until

_NEW_PASSWORD = "由您告知本人，本人登录后须先修改。至少 12 位。"


class ActorForm(forms.ModelForm):
    """A form that knows who fills it in; the admin sets `actor`."""

    actor: User | None = None

    def refuse_unless(self, verdict: Verdict, field: str | None = None) -> None:
        if not verdict:
            self.add_error(field, verdict.reason)


class NewAccountForm(ActorForm):
    new_password = forms.CharField(
        label="初始密码", required=False, max_length=128, help_text=_NEW_PASSWORD + "留空则暂不能登录。"
    )

    class Meta:
        model = User
        fields = ("username", "name")

    def clean(self) -> dict:
        data = super().clean()
        self.refuse_unless(perms.can_manage_accounts(self.actor))
        self._check_password(data)
        return data

    def _check_password(self, data: dict) -> None:
        password = data.get("new_password")
        if not password:
            return
        try:
            validate_password(password, User(username=data.get("username", ""), name=data.get("name", "")))
        except ValidationError as error:
            self.add_error("new_password", error)


class AccountForm(NewAccountForm):
    class Meta:
        model = User
        fields = ("name", "relatives_declared_on")

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["new_password"].label = "重置密码为"
        self.fields["new_password"].help_text = _NEW_PASSWORD + "不重置请留空。"

    def clean(self) -> dict:
        data = super().clean()
        self.refuse_unless(perms.can_manage_account(self.actor, self.instance))
        return data


class PostingForm(ActorForm):
    class Meta:
        model = Posting
        fields = ("user", "post", "area", "department", "valid_from", "valid_to")

    def clean(self) -> dict:
        data = super().clean()
        if data.get("user") and data.get("area"):
            self.refuse_unless(perms.can_appoint(self.actor, data["user"], data["area"]))
        if data.get("post") == Post.PARTNER and not data.get("department"):
            self.add_error("department", "联办部门岗须填写部门，如“区教育局”。")
        return data


class PostingEndForm(ActorForm):
    """Only the end of a posting changes; what it was stays."""

    class Meta:
        model = Posting
        fields = ("valid_to",)

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["valid_to"].required = True

    def clean_valid_to(self):
        day = self.cleaned_data["valid_to"]
        if day < clock.today():
            raise forms.ValidationError("离任日期不能早于今天：此前以该岗位办理的事项不能追溯改变。")
        if self.initial.get("valid_to") and self.initial["valid_to"] <= clock.today():
            raise forms.ValidationError("该任职已经结束。")
        return day

    def clean(self) -> dict:
        data = super().clean()
        self.refuse_unless(perms.can_appoint(self.actor, self.instance.user, self.instance.area))
        return data


class VillageForm(ActorForm):
    """A village below a township: its code begins with the township's."""

    class Meta:
        model = Area
        fields = ("parent", "code", "name")

    def clean(self) -> dict:
        data = super().clean()
        parent, code = data.get("parent"), data.get("code", "")
        if parent is None:
            self.add_error("parent", "请选择所属街道（乡镇）。")
        elif parent.level != AreaLevel.TOWNSHIP:
            self.add_error("parent", "这里只能新增村（社区），上级请选择街道（乡镇）。")
        elif code and not re.fullmatch(parent.prefix + "[0-9]{3}", code):
            self.add_error("code", f"村（社区）代码为 12 位数字，以 {parent.prefix} 开头。")
        else:
            self.refuse_unless(perms.can_maintain_area(self.actor, parent), "parent")
        self.instance.prefix, self.instance.level = code, AreaLevel.VILLAGE
        return data


class PopulationForm(ActorForm):
    """How many people are registered in a place of one's own county."""

    class Meta:
        model = Population
        fields = ("area", "year", "hukou")

    def clean(self) -> dict:
        data = super().clean()
        if data.get("area"):
            self.refuse_unless(perms.can_maintain_area(self.actor, data["area"]), "area")
        return data


class TokenForm(ActorForm):
    """A new token: for whom, for what, until when."""

    class Meta:
        model = ApiToken
        fields = ("user", "name", "valid_to")

    def clean_valid_to(self):
        if problem := why_not_until(self.cleaned_data["valid_to"]):
            raise forms.ValidationError(problem)
        return self.cleaned_data["valid_to"]

    def clean(self) -> dict:
        data = super().clean()
        if data.get("user"):
            self.refuse_unless(can_hold_token(self.actor, data["user"]), "user")
        self.instance.valid_from = clock.today()
        return data
