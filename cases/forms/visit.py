"""The home visit on a phone: tiles, notes, photos."""

from __future__ import annotations

from django import forms
from django.utils import timezone

from cases.declarations import SelfCareEntry, VisitEntry
from cases.enums import SELF_CARE_INDICATORS, VISIT_CHOICES, Dimension, Programme
from cases.forms.fields import DayField, yes_no
from cases.models import Application, HomeVisit, SelfCareAssessment
from cases.naming import clean_name
from common import clock
from organisations.enums import Post
from organisations.models import User
from organisations.queries import holders

_PHOTO = {"accept": "image/jpeg,image/png", "capture": "environment"}
MAX_PHOTOS = 10


class ManyFilesInput(forms.ClearableFileInput):
    """Several files in one field."""

    allow_multiple_selected = True
    template_name = "django/forms/widgets/file.html"


class ManyFilesField(forms.FileField):
    """A list of uploaded files."""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **{"required": False, "widget": ManyFilesInput(attrs=_PHOTO), **kwargs})

    def clean(self, data, initial=None) -> list:
        files = data if isinstance(data, list | tuple) else [data] if data else []
        if len(files) > MAX_PHOTOS:
            raise forms.ValidationError(f"一次最多上传 {MAX_PHOTOS} 张照片。")
        return [super(ManyFilesField, self).clean(file, initial) for file in files]


class PhotosForm(forms.Form):
    """Kept even when the rest of the page has errors: a browser cannot give files back."""

    photos = ManyFilesField(label="照片（房屋外观、室内）")
    signature = forms.FileField(
        label="签字页照片", required=False, widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png"})
    )


class VisitForm(forms.Form):
    """What was found; everything but the time may wait until the visit is completed."""

    visited_at = forms.DateTimeField(
        label="入户时间",
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"],
        widget=forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"}),
    )
    second_visitor = forms.TypedChoiceField(label="调查人二", coerce=int, empty_value=None, required=False)
    second_visitor_name = forms.CharField(label="调查人二姓名（无账号时填写）", max_length=60, required=False)
    neighbours = forms.CharField(label="邻里走访", max_length=500, required=False)
    present_member = forms.TypedChoiceField(label="在场成员", coerce=int, empty_value=None, required=False)
    conclusion = forms.CharField(
        label="调查结论", max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    signed = forms.BooleanField(label="调查人和在场成员均已在调查表上签字", required=False)

    def __init__(self, *args, application: Application, first_visitor: User, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        colleagues = holders(
            application.village, Post.HANDLER, Post.REVIEWER, Post.VILLAGE_HELPER, Post.DISCIPLINE
        ).exclude(pk=first_visitor.pk)
        self.fields["second_visitor"].choices = [
            ("", "请选择"),
            *((u.pk, u.display_name) for u in colleagues),
        ]
        members = application.household.members.select_related("person")
        self.fields["present_member"].choices = [("", "请选择"), *((m.pk, m.person.name) for m in members)]
        for dimension, choices in VISIT_CHOICES.items():
            label = Dimension(dimension).label
            self.fields[f"{dimension}_choice"] = forms.ChoiceField(
                label=label, choices=[(c, c) for c in choices], required=False, widget=forms.RadioSelect
            )
            self.fields[f"{dimension}_note"] = forms.CharField(
                label=f"{label}说明", max_length=500, required=False
            )

        if application.programme == Programme.TEKUN:
            self.fields |= _self_care_fields()

    def self_care(self) -> list[forms.BoundField]:
        """The six indicators, then when, by whom, for whom; nothing but for 特困 (DT-2.2)."""
        names = (*SELF_CARE_INDICATORS, "assessed_on", "assessors", "entrusted_to")
        return [self[name] for name in names if name in self.fields]

    def findings(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """Tiles and note of each dimension."""
        return [(self[f"{d}_choice"], self[f"{d}_note"]) for d in VISIT_CHOICES]

    def clean_visited_at(self):
        at = self.cleaned_data["visited_at"]
        if not 2000 <= at.year <= 2100:
            raise forms.ValidationError("请核对年份。")
        if at > clock.now():
            raise forms.ValidationError("入户时间不能晚于现在。")
        return at

    def clean_second_visitor_name(self) -> str:
        return clean_name(self.cleaned_data["second_visitor_name"])

    def clean(self) -> dict:
        values = super().clean()
        if values.get("assessed_on") and values["assessed_on"] > clock.today():
            self.add_error("assessed_on", "评估日期不能晚于今天。")
        if values.get("second_visitor") and values.get("second_visitor_name"):
            self.add_error("second_visitor_name", "调查人二请选择账号或填写姓名，只填一项。")
        return values

    def entry(self) -> VisitEntry:
        """The visit as the service takes it."""
        values = self.cleaned_data
        return VisitEntry(
            visited_at=values["visited_at"],
            second_visitor_id=values["second_visitor"],
            second_visitor_name=values["second_visitor_name"],
            present_member_id=values["present_member"],
            signed=values["signed"],
            neighbours=values["neighbours"],
            conclusion=values["conclusion"],
            findings={str(d): (values[f"{d}_choice"], values[f"{d}_note"]) for d in VISIT_CHOICES},
            self_care=self._self_care_entry() if "assessed_on" in self.fields else None,
        )

    def _self_care_entry(self) -> SelfCareEntry:
        values = self.cleaned_data
        return SelfCareEntry(
            answers={name: values[name] for name in SELF_CARE_INDICATORS},
            assessed_on=values["assessed_on"],
            assessors=values["assessors"],
            entrusted_to=values["entrusted_to"],
        )


def _self_care_fields() -> dict[str, forms.Field]:
    fields = {name: yes_no(label=label, yes="能", no="不能") for name, label in SELF_CARE_INDICATORS.items()}
    return fields | {
        "assessed_on": DayField(label="自理能力评估日期", required=False),
        "assessors": forms.CharField(label="评估人（多人用、分隔）", max_length=100, required=False),
        "entrusted_to": forms.CharField(label="受委托第三方（未委托留空）", max_length=100, required=False),
    }


def visit_initial(visit: HomeVisit | None, assessment: SelfCareAssessment | None = None) -> dict:
    """What a kept draft shows."""
    if visit is None:
        return {"visited_at": timezone.localtime(clock.now()).replace(second=0, microsecond=0)}
    initial = _self_care_initial(assessment) if assessment else {}
    initial |= {
        "visited_at": timezone.localtime(visit.visited_at),
        "second_visitor": visit.second_visitor_id,
        "present_member": visit.present_member_id,
    }
    initial |= {n: getattr(visit, n) for n in ("second_visitor_name", "neighbours", "conclusion", "signed")}
    for finding in visit.findings.all():
        initial |= {f"{finding.dimension}_choice": finding.choice, f"{finding.dimension}_note": finding.note}
    return initial


def _self_care_initial(assessment: SelfCareAssessment) -> dict:
    answers = {True: "yes", False: "no", None: ""}
    initial = {name: answers[getattr(assessment, name)] for name in SELF_CARE_INDICATORS}
    return initial | {n: getattr(assessment, n) for n in ("assessed_on", "assessors", "entrusted_to")}
