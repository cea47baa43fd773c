"""What a form is called and numbered. The province in a title is the one the village lies in."""

from __future__ import annotations

from approvals.documents.registry import FORMS
from approvals.enums import DocumentKind
from cases.enums import Programme
from cases.models import Application, NumberSequence
from organisations.enums import AreaLevel
from organisations.models import Area

_PROGRAMME = Programme

# SY-A1.3 to A1.5b and A2.5 name these papers; 低边 and 临时救助 follow the same pattern.
_SUBJECTS = {
    _PROGRAMME.DIBAO: "最低生活保障对象",
    _PROGRAMME.DIBIAN: "最低生活保障边缘家庭",
    _PROGRAMME.TEKUN: "特困人员救助供养对象",
    _PROGRAMME.LINSHI: "临时救助对象",
}
_REFUSALS = {
    _PROGRAMME.DIBAO: "不符合最低生活保障告知书",
    _PROGRAMME.DIBIAN: "不符合最低生活保障边缘家庭条件告知书",
    _PROGRAMME.TEKUN: "不符合特困人员救助告知书",
    _PROGRAMME.LINSHI: "不予临时救助告知书",
}


def title_of(application: Application, kind: DocumentKind, matter: str = "") -> str:
    """`浙江省最低生活保障对象办理公示表` for a case in Zhejiang; another province puts its own name there."""
    if FORMS[kind].named is not None:
        return FORMS[kind].named(application, matter)
    return FORMS[kind].title.format(
        province=_province(application),
        subject=_SUBJECTS[application.programme],
        refusal=_REFUSALS[application.programme],
    )


def _province(application: Application) -> str:
    chain = Area.objects.chain_of(application.county).filter(level=AreaLevel.PROVINCE)
    return chain.values_list("name", flat=True).first() or ""


def next_document_number(application: Application, kind: DocumentKind, year: int) -> str:
    """`洞头区北岙街道社救审〔2026〕3号`: a gapless series a township, kind and year; locked until commit."""
    series = f"doc-{application.township.code}-{kind}-{year}"
    NumberSequence.objects.bulk_create([NumberSequence(series=series)], ignore_conflicts=True)
    sequence = NumberSequence.objects.select_for_update().get(series=series)
    sequence.last += 1
    sequence.save(update_fields=["last"])
    return (
        f"{application.county.name}{application.township.name}{FORMS[kind].word}〔{year}〕{sequence.last}号"
    )
