"""What is written down about one attempt to serve a paper; works on a phone at the door."""

from __future__ import annotations

from django import forms

from approvals.documents.perms import MAKERS
from approvals.models import Document
from approvals.serving.chain import Attempt
from approvals.serving.enums import Event, ReceiverRelation
from approvals.serving.services import AttemptEntry
from cases.naming import clean_name
from common import clock
from organisations.models import User
from organisations.queries import holders

_PLACES = {Event.MAILED: "寄往地址", Event.ANNOUNCED: "公告张贴（刊登）处"}
_TIMES = {
    Event.MAILED: "寄出时间",
    Event.MAIL_DELIVERED: "回执上的签收时间",
    Event.MAIL_RETURNED: "退回时间",
    Event.ANNOUNCED: "公告发布时间",
}
_PROOFS = {
    Event.HANDED_OVER: "签收的送达回证（扫描件或照片）",
    Event.LEFT: "留置现场照片或视频（MP4，50 MB 以内；都没有的须有见证人）",
    Event.MAIL_DELIVERED: "邮件回执",
    Event.MAIL_RETURNED: "退回的邮件凭据",
    Event.ANNOUNCED: "公告照片或截图",
}
_REASONS = {
    Event.NOT_FOUND: "找不到的情况",
    Event.NOT_LEFT: "未能留置的原因",
    Event.MAIL_RETURNED: "退回原因",
}


def _moment(label: str) -> forms.DateTimeField:
    return forms.DateTimeField(
        label=label,
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"],
        widget=forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"}),
    )


def _accepted(event: Event) -> str:
    """What the browser offers to choose; what was left behind may be filmed (SY-A1.5b)."""
    return "image/jpeg,image/png,application/pdf" + (",video/mp4" if event == Event.LEFT else "")


class AttemptForm(forms.Form):
    """The fields of one kind of attempt, in its order."""

    def __init__(self, *args, attempt: Attempt, document: Document, actor: User, **kwargs) -> None:
        initial = {"happened_at": clock.now(), "first_server": actor.pk, "receiver_relation": "self"}
        if attempt.event in {Event.HANDED_OVER, Event.REFUSED, Event.NOT_FOUND, Event.MAILED}:
            initial["place"] = document.application.household.address
        super().__init__(*args, initial=initial, **kwargs)
        self.attempt = attempt
        for name in attempt.asks:
            self.fields[name] = getattr(self, f"_{name}")(document)

    def _happened_at(self, document: Document) -> forms.Field:
        return _moment(_TIMES.get(self.attempt.event, "时间"))

    def _place(self, document: Document) -> forms.Field:
        return forms.CharField(label=_PLACES.get(self.attempt.event, "地点"), max_length=200)

    def _first_server(self, document: Document) -> forms.Field:
        return self._server("送达人一", document)

    def _second_server(self, document: Document) -> forms.Field:
        return self._server("送达人二", document)

    def _server(self, label: str, document: Document) -> forms.Field:
        staff = holders(document.application.village, *MAKERS)
        choices = [("", "请选择"), *((person.pk, person.display_name) for person in staff)]
        return forms.TypedChoiceField(label=label, choices=choices, coerce=int, empty_value=None)

    def _receiver_relation(self, document: Document) -> forms.Field:
        return forms.ChoiceField(label="收件人", choices=ReceiverRelation.choices, widget=forms.RadioSelect)

    def _receiver_name(self, document: Document) -> forms.Field:
        return forms.CharField(
            label="收件人姓名", max_length=60, required=False, help_text="本人签收的不用填写。"
        )

    def _reason(self, document: Document) -> forms.Field:
        label = _REASONS.get(self.attempt.event, "拒收事由")
        return forms.CharField(label=label, max_length=500, widget=forms.Textarea(attrs={"rows": 3}))

    def _witness_1(self, document: Document) -> forms.Field:
        told = "如村（居）民委员会代表，在送达回证上签名。"
        return forms.CharField(label="见证人一", max_length=60, required=False, help_text=told)

    def _witness_2(self, document: Document) -> forms.Field:
        return forms.CharField(label="见证人二", max_length=60, required=False)

    def _mail_number(self, document: Document) -> forms.Field:
        return forms.RegexField(
            r"^[0-9A-Za-z]{8,30}\Z",
            label="EMS 邮件号码",
            max_length=30,
            error_messages={"invalid": "邮件号码应为 8–30 位数字或字母。"},
        )

    def _proof(self, document: Document) -> forms.Field:
        return forms.FileField(
            label=_PROOFS[self.attempt.event],
            required="proof" in self.attempt.needs,
            widget=forms.FileInput(attrs={"accept": _accepted(self.attempt.event)}),
        )

    def clean(self) -> dict:
        values = super().clean()
        for name in ("receiver_name", "witness_1", "witness_2"):
            if values.get(name):
                values[name] = clean_name(values[name])
        another = values.get("receiver_relation", ReceiverRelation.SELF) != ReceiverRelation.SELF
        if another and not values.get("receiver_name"):
            self.add_error("receiver_name", "请填写收件人姓名。")
        return values

    def entry(self) -> AttemptEntry:
        """The attempt as the service takes it."""
        values = {name: value for name, value in self.cleaned_data.items() if name != "proof"}
        for name in ("first_server", "second_server"):
            if name in values:
                values[f"{name}_id"] = values.pop(name)
        return AttemptEntry(**values)
