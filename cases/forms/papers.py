"""Papers that came in, signatures, scans, and the reason for a look at full numbers."""

from __future__ import annotations

from django import forms

from cases.enums import AttachmentKind
from cases.forms.fields import DayField
from cases.models import Application, Material, Member
from common import clock
from common.identity import age_on

ADULT = 18


def _not_later_than_today(day):
    if day > clock.today():
        raise forms.ValidationError("日期不能晚于今天。")
    return day


class ReceiveForm(forms.Form):
    """Which papers of the checklist are in."""

    received_on = DayField(label="收件日期")
    material = forms.ModelMultipleChoiceField(
        label="已收材料",
        queryset=Material.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args, application: Application, **kwargs) -> None:
        materials = application.materials.all()
        received = [material.pk for material in materials if material.received_on]
        super().__init__(*args, initial={"received_on": clock.today(), "material": received}, **kwargs)
        self.fields["material"].queryset = materials

    def clean_received_on(self):
        return _not_later_than_today(self.cleaned_data["received_on"])


class AuthorisationForm(forms.Form):
    """Who signed the authorisation to check, and which guardian for a minor."""

    signed_on = DayField(label="签署日期")

    def __init__(self, *args, application: Application, **kwargs) -> None:
        super().__init__(*args, initial={"signed_on": clock.today()}, **kwargs)
        self.members: list[Member] = list(
            application.household.members.filter(authorised_on__isnull=True).select_related("person")
        )
        for member in self.members:
            self.fields[f"signed_{member.pk}"] = forms.BooleanField(
                label=f"{member.person.name}已签", required=False
            )
            if self._minor(member):
                self.fields[f"guardian_{member.pk}"] = forms.CharField(
                    label=f"{member.person.name}的代签监护人", max_length=60, required=False
                )

    @staticmethod
    def _minor(member: Member) -> bool:
        return age_on(member.person.birth_date, clock.today()) < ADULT

    def clean_signed_on(self):
        return _not_later_than_today(self.cleaned_data["signed_on"])

    def clean(self) -> dict:
        values = super().clean()
        chosen = [member for member in self.members if values.get(f"signed_{member.pk}")]
        if not chosen and not self.errors:
            raise forms.ValidationError("请勾选已签署的成员。")
        for member in chosen:
            guardian = f"guardian_{member.pk}"
            if guardian in self.fields and not values.get(guardian) and guardian not in self.errors:
                self.add_error(guardian, f"{member.person.name}未满 18 周岁，请填写代签监护人姓名。")
        return values

    def signatures(self) -> list[tuple[Member, str]]:
        """(member, guardian or "") of those who signed."""
        values = self.cleaned_data
        signed = [member for member in self.members if values[f"signed_{member.pk}"]]
        return [(member, values.get(f"guardian_{member.pk}", "")) for member in signed]


class UploadForm(forms.Form):
    """One scan or photo."""

    kind = forms.ChoiceField(
        label="类别", choices=[(k.value, k.label) for k in AttachmentKind if k != AttachmentKind.BOARD_PHOTO]
    )
    material = forms.ModelChoiceField(
        label="对应材料", queryset=Material.objects.none(), required=False, empty_label="不对应"
    )
    title = forms.CharField(label="说明", max_length=100, required=False)
    file = forms.FileField(
        label="文件（JPEG、PNG 或 PDF）",
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,.pdf"}),
    )

    def __init__(self, *args, application: Application, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["material"].queryset = application.materials.all()


class UnmaskForm(forms.Form):
    """Why full numbers are needed, and of whom."""

    member = forms.ModelChoiceField(label="人员", queryset=Member.objects.none())
    reason = forms.CharField(label="查看事由", max_length=200)

    def __init__(self, *args, application: Application, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["member"].queryset = application.household.members.select_related("person")


class DiscardForm(forms.Form):
    """Why a draft is thrown away."""

    reason = forms.CharField(label="作废原因", max_length=200)
