"""Forms of the log-in, password and second-factor pages."""

from __future__ import annotations

import re

from django import forms
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm

# No clerk types more; it keeps a hostile form from feeding megabytes to a slow password hash.
_PASSWORD_LENGTH = 128
_USERNAME_LENGTH = 150
_HALF_WIDTH = str.maketrans("０１２３４５６７８９", "0123456789")


class LogInForm(AuthenticationForm):
    """Name and password. Wrong name and wrong password answer alike."""

    error_messages = {
        "invalid_login": "用户名或密码不正确。请检查大小写和输入法；连续输错 5 次将锁定 15 分钟。",
        "inactive": "该账号已停用，请联系本单位系统管理岗。",
    }

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = "用户名"
        self.fields["password"].label = "密码"
        self.fields["password"].max_length = _PASSWORD_LENGTH
        self.fields["password"].widget.attrs["maxlength"] = _PASSWORD_LENGTH

    def clean_username(self) -> str:
        # Django sets the length on the widget only, and the lock-out's own table cannot hold more.
        username = self.cleaned_data["username"]
        if len(username) > _USERNAME_LENGTH:
            raise forms.ValidationError(f"用户名最长 {_USERNAME_LENGTH} 位。")
        return username

    def clean_password(self) -> str:
        password = self.cleaned_data["password"]
        if len(password) > _PASSWORD_LENGTH:
            raise forms.ValidationError(f"密码最长 {_PASSWORD_LENGTH} 位。")
        return password


class OwnPasswordForm(PasswordChangeForm):
    """Old password once, new one twice. The service stores it."""

    error_messages = {
        "password_incorrect": "现在的密码不正确，请重新输入。",
        "password_mismatch": "两次输入的新密码不一致。",
    }

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["old_password"].label = "现在的密码"
        self.fields["new_password1"].label = "新密码"
        self.fields[
            "new_password1"
        ].help_text = "至少 12 位，可以是一句只有自己记得的话；不能是常见密码，也不能与用户名、姓名相似。"
        self.fields["new_password2"].label = "再输入一次新密码"
        self.fields["new_password2"].help_text = ""
        for field in self.fields.values():
            field.widget.attrs["maxlength"] = _PASSWORD_LENGTH

    def clean(self) -> dict:
        for name, value in list(self.cleaned_data.items()):
            if len(value) > _PASSWORD_LENGTH:
                self.add_error(name, f"密码最长 {_PASSWORD_LENGTH} 位。")
        data = super().clean()
        old, new = data.get("old_password"), data.get("new_password1")
        if old and old == new:
            self.add_error("new_password1", "新密码不能与现在的密码相同。")
        return data


class CodeForm(forms.Form):
    """Six digits of the authenticator app, or a recovery code."""

    code = forms.CharField(
        label="动态口令",
        max_length=32,
        help_text="手机验证器上显示的 6 位数字；手机不在身边时，输入一个备用码。",
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "autofocus": True, "spellcheck": "false"}
        ),
    )

    def clean_code(self) -> str:
        code = "".join(self.cleaned_data["code"].translate(_HALF_WIDTH).split()).lower()
        if not re.fullmatch(r"[0-9]{6}|[a-z2-7]{8}", code):
            raise forms.ValidationError("请输入 6 位数字的动态口令，或 8 位备用码。")
        return code


class EnrolmentCodeForm(CodeForm):
    """The first code of a new device: a recovery code proves nothing here."""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].help_text = "手机验证器上显示的 6 位数字，每 30 秒更换一次。"

    def clean_code(self) -> str:
        code = super().clean_code()
        if len(code) != 6:
            raise forms.ValidationError("请输入手机验证器上显示的 6 位数字。")
        return code
