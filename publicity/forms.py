"""What a neighbour or a clerk types: parsed and checked field by field."""

from __future__ import annotations

from django import forms
from django.core.validators import RegexValidator
from django.db.models import Q

from common import clock
from organisations.enums import AreaLevel, Post
from organisations.models import Area
from organisations.scope import Scope
from publicity.enums import ObjectionOutcome
from publicity.queries import areas_to_choose

BIGGEST_KEY = 2**63 - 1
# Full-width digits are what a Chinese input method types.
_PLAIN = str.maketrans("０１２３４５６７８９－（）＋　", "0123456789-()+ ")
is_phone = RegexValidator(r"^\+?[0-9][0-9 ()\-]{4,29}$", "请填写电话号码，如 13800001234 或 0577-63380000。")


class ObjectionForm(forms.Form):
    """One objection. Name and telephone are the neighbour's own choice."""

    content = forms.CharField(
        label="异议内容",
        max_length=2000,
        help_text="请写清楚您了解的情况，例如家庭收入、财产、人口与公示不符之处。请勿填写他人的身份证号、银行账号。",
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={"required": "请写明异议内容。"},
    )
    name = forms.CharField(label="您的姓名", max_length=60, required=False, help_text="可以不填。")
    phone = forms.CharField(
        label="联系电话",
        max_length=30,
        required=False,
        help_text="可以不填；填写后工作人员才能把处理结果告诉您。",
    )

    def clean_phone(self) -> str:
        phone = self.cleaned_data["phone"].translate(_PLAIN).strip()
        if phone:
            is_phone(phone)
        return phone


class PublicObjectionForm(ObjectionForm):
    """The same with a field that people leave empty and form-filling programs do not."""

    website = forms.CharField(
        label="网址（请留空）",
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"}),
    )

    def clean_website(self) -> str:
        if self.cleaned_data["website"]:
            raise forms.ValidationError("此栏请留空。")
        return ""


class TownshipObjectionForm(ObjectionForm):
    """One that came by telephone or at the counter."""

    received_at = forms.DateTimeField(
        label="收到时间",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"],
        error_messages={"invalid": "请填写日期和时间，如 2026-03-08 09:05。"},
    )
    field_order = ["received_at", "name", "phone", "content"]

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = "提出人"
        self.fields["phone"].help_text = "提出人留下的电话，用于反馈处理结果。"

    def clean_received_at(self):
        received_at = self.cleaned_data["received_at"]
        if received_at > clock.now():
            raise forms.ValidationError("收到时间不能晚于现在。")
        return received_at


class HandlingForm(forms.Form):
    """What came of an objection, and why."""

    outcome = forms.ChoiceField(
        label="处理结果",
        choices=ObjectionOutcome.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "请选择处理结果。"},
    )
    handling = forms.CharField(
        label="处理说明",
        max_length=1000,
        help_text="写明核实的情况和理由；留有电话的，写明何时答复了提出人。",
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": "请填写处理说明。"},
    )


class ReasonForm(forms.Form):
    """Why somebody looks at a telephone number in full."""

    reason = forms.CharField(
        label="查看事由",
        max_length=200,
        error_messages={"required": "请填写查看事由，查看完整信息会留下记录。"},
    )


class BoardPhotoForm(forms.Form):
    """A photo of the board on which the notice hangs (SY-A1.7a)."""

    file = forms.FileField(
        label="公示照片（JPEG 或 PNG）",
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png", "capture": "environment"}),
        error_messages={"required": "请选择照片。"},
    )
    title = forms.CharField(
        label="说明", max_length=100, required=False, help_text="如“村务公开栏，3 月 2 日张贴”。"
    )


class ListFilter(forms.Form):
    """The clerk's list, narrowed; it stays in the address."""

    STATUS = [
        ("", "全部"),
        ("running", "公示中"),
        ("objection", "有异议待处理"),
        ("due", "期满待办理"),
        ("ended", "已结束"),
    ]
    status = forms.ChoiceField(label="状态", choices=STATUS, required=False)
    area = forms.ModelChoiceField(
        label="区域", queryset=Area.objects.none(), to_field_name="code", required=False, empty_label="全部"
    )

    def __init__(self, *args, scope: Scope, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["area"].queryset = areas_to_choose(scope)


class PublicFilter(forms.Form):
    """The public list by county and township. Choose the county first; its townships follow."""

    county = forms.ModelChoiceField(
        label="县（市、区）",
        queryset=Area.objects.filter(level=AreaLevel.COUNTY),
        to_field_name="code",
        required=False,
        empty_label="全部",
    )
    township = forms.ModelChoiceField(
        label="街道（乡镇）",
        queryset=Area.objects.none(),
        to_field_name="code",
        required=False,
        empty_label="全部",
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        # Codes are compared as text, so whatever stands in the address is harmless.
        county = str(self.data.get("county", ""))[:12].replace("\x00", "")
        self.fields["township"].queryset = Area.objects.filter(level=AreaLevel.TOWNSHIP, parent__code=county)


class PageKey(forms.Form):
    """Where the list goes on."""

    before = forms.IntegerField(required=False, min_value=1, max_value=BIGGEST_KEY)


def page_key(data) -> int | None:
    """The key in the address, or None for the first page; nonsense counts as none."""
    form = PageKey(data)
    return form.cleaned_data["before"] if form.is_valid() else None


class StandingAreaForm(forms.Form):
    """Which board is hung anew."""

    area = forms.ModelChoiceField(
        label="公示单位",
        queryset=Area.objects.none(),
        to_field_name="code",
        empty_label="请选择",
        error_messages={"required": "请选择公示单位。", "invalid_choice": "您不办理该单位的长期公示。"},
    )

    def __init__(self, *args, scope: Scope, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        reach = Q(pk__in=())
        for prefix in scope.areas(Post.HANDLER):
            reach |= Q(prefix__startswith=prefix)
        levels = (AreaLevel.TOWNSHIP, AreaLevel.VILLAGE)
        self.fields["area"].queryset = Area.objects.filter(reach, level__in=levels).order_by("prefix")


class StandingFilter(forms.Form):
    """The clerk's list of boards, narrowed; it stays in the address."""

    area = forms.ModelChoiceField(
        label="区域", queryset=Area.objects.none(), to_field_name="code", required=False, empty_label="全部"
    )

    def __init__(self, *args, scope: Scope, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["area"].queryset = areas_to_choose(scope)


class StandingPhotoForm(forms.Form):
    """A photo of the board, with day and place (SY-A1.7a)."""

    taken_on = forms.DateField(
        label="拍摄日期",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "请填写日期，如 2026-03-08。"},
    )
    place = forms.CharField(label="公示地点", max_length=100, help_text="如“村务公开栏”。")
    file = forms.FileField(
        label="公示照片（JPEG 或 PNG）",
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png", "capture": "environment"}),
        error_messages={"required": "请选择照片。"},
    )
