"""Pieces that several forms share, as plain JSON values: what is stored is what was printed."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from django.utils import timezone

from cases.enums import Origin
from cases.models import Application, CheckReport, IncomeItem, LinshiRequest, Member
from cases.queries import linshi_request, rule_day, self_care_of, tekun_declaration
from common.identity import age_on
from common.money import show_yuan
from policy.models import Clause
from policy.rules import RuleBook
from publicity.standing import NATIONAL_HOTLINE, hotlines_of  # noqa: F401 - papers name it too

GRADES = {1: "一级", 2: "二级", 3: "三级", 4: "四级"}
# Every place in the country has it; a township's own numbers stand in the rule `publicity.hotlines`.


def day(value: date | datetime | None) -> str:
    """`2026年3月8日`, in local time; empty for none."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = timezone.localtime(value).date()
    return f"{value.year}年{value.month}月{value.day}日"


def moment(value: datetime) -> str:
    """`2026年3月8日9时05分`."""
    local = timezone.localtime(value)
    return f"{day(local.date())}{local.hour}时{local.minute:02d}分"


def month(value: date) -> str:
    return f"{value.year}年{value.month}月"


def yuan(amount: Decimal | None) -> str:
    return "" if amount is None else show_yuan(amount)


def place(application: Application) -> dict:
    return {
        "county": application.county.name,
        "township": application.township.name,
        "village": application.village.name,
    }


def residence(application: Application) -> str:
    """Where the household is registered and where it lives, seen from the county."""
    hukou = "户籍在本县（市、区）" if application.hukou_in_county else "户籍不在本县（市、区）"
    lives = "居住在本县（市、区）" if application.lives_in_county else "不居住在本县（市、区）"
    return f"{hukou}，{lives}"


def applicant(application: Application) -> dict:
    member = application.applicant
    return person_row(member, application) | {
        "phone": member.person.phone or "",
        "address": application.household.address,
    }


def payee(application: Application) -> str:
    """Who receives the money, at which bank, the account masked."""
    return f"{application.payee_name}　{application.payee_bank}　{application.masked_account}".strip("　")


def person_row(member: Member, application: Application) -> dict:
    """One line of the table of members; the age is that on the day of application."""
    person = member.person
    return {
        "name": person.name,
        "sex": person.get_sex_display(),
        "age": age_on(person.birth_date, rule_day(application)),
        "relation": member.get_relation_display(),
        "id_number": person.id_number,
        "remark": "；".join(filter(None, [_health(member), _standing(member)])),
    }


def _health(member: Member) -> str:
    conditions = []
    if member.disability_kind:
        grade = GRADES[member.disability_grade]
        conditions.append(f"{member.get_disability_kind_display()}残疾{grade}")
    if member.severe_illness:
        conditions.append("重特大疾病")
    return "、".join(conditions)


def _standing(member: Member) -> str:
    """Whether the member counts as a head of the household."""
    if member.excluded:
        return f"不计入：{member.get_excluded_display()}"
    return "共同生活" if member.co_living else "不共同生活"


def members(application: Application) -> list[dict]:
    """本人 first, then in the order of registration."""
    rows = sorted(application.household.members.all(), key=lambda m: (m.relation != "self", m.pk))
    return [person_row(member, application) for member in rows]


def income_rows(application: Application, report: CheckReport | None) -> list[dict]:
    """A line a kind of income: declared and found by the check, a month and a year (12 months)."""
    items = IncomeItem.objects.filter(member__household=application.household_id, exempt="").select_related(
        "member"
    )
    rows = []
    for kind, label in IncomeItem._meta.get_field("kind").choices:
        of_kind = [item for item in items if item.kind == kind]
        declared = sum((i.monthly for i in of_kind if i.origin == Origin.DECLARED), Decimal(0))
        found = [i.monthly for i in of_kind if report is not None and i.report_id == report.pk]
        checked = sum(found, Decimal(0))
        rows.append(
            {
                "label": label,
                "declared": yuan(declared),
                "declared_year": yuan(declared * 12),
                "checked": yuan(checked) if report is not None else "未核对",
                "checked_year": yuan(checked * 12) if report is not None else "未核对",
            }
        )
    return rows


def property_rows(application: Application, report: CheckReport | None) -> list[dict]:
    """What the household declared and what the check found, side by side."""
    columns = (
        ("deposits", "元", True),
        ("vehicles", "辆", False),
        ("houses", "套", False),
        ("non_residential_houses", "套", False),
        ("registered_capital", "元", True),
    )
    household, rows = application.household, []
    for name, unit, is_money in columns:
        show = yuan if is_money else str
        rows.append(
            {
                "label": household._meta.get_field(name).verbose_name,
                "declared": f"{show(getattr(household, name))} {unit}",
                "checked": f"{show(getattr(report, name))} {unit}" if report is not None else "未核对",
            }
        )
    return rows


def explained_lines(lines: list[dict]) -> list[dict]:
    """The calculation as it was on the screen: label, words, amount, clause."""
    return [
        {
            "label": line["label"],
            "formula": line.get("formula", ""),
            "amount": yuan(Decimal(line["amount"])) if line.get("amount") is not None else "",
            "clause": line.get("clause", ""),
            "is_total": bool(line.get("is_total")),
        }
        for line in lines
    ]


def bases(lines: list[dict]) -> list[str]:
    """What the lines on which the household failed rest on, in words; of all lines if none failed."""
    failed = [line for line in lines if not line.get("passed", True)] or lines
    codes = [line["clause"] for line in failed if line.get("clause")]
    found = {clause.pk: clause for clause in Clause.objects.filter(pk__in=codes).select_related("document")}
    clauses = [found[code] for code in dict.fromkeys(codes) if code in found]
    return [_cited(clause) for clause in clauses]


def _cited(clause: Clause) -> str:
    document = clause.document
    number = f"（{document.number}）" if document.number else ""
    return f"《{document.title}》{number}：{clause.text}"


def sources(lines: list[dict]) -> list[str]:
    """What the short names in the column 依据 stand for: `L57 即《…》（民发〔2021〕57号）`."""
    codes = [line["clause"] for line in lines if line.get("clause")]
    clauses = Clause.objects.filter(pk__in=codes).select_related("document").order_by("document")
    documents = {clause.document_id: clause.document for clause in clauses}
    return [
        f"{code} 即《{document.title}》" + (f"（{document.number}）" if document.number else "")
        for code, document in documents.items()
    ]


def hotlines(application: Application) -> list[str]:
    """Where to ask or complain, by the rules of the place."""
    return hotlines_of(RuleBook(application.township, rule_day(application)))


def programme_findings(application: Application) -> list[dict]:
    """What 特困 or 临时救助 adds to the sheet of the visit: request, conditions, self-care grade."""
    rows = []
    said, asked, seen = (
        tekun_declaration(application),
        linshi_request(application),
        self_care_of(application),
    )
    if said is not None:
        rows.append(
            {
                "label": "认定情况",
                "choice": said.get_placement_display(),
                "note": f"{said.get_supporter_display()}；{said.supporter_note}".strip("；"),
            }
        )
    if seen is not None:
        failed = "、".join(label for label, answer in seen["answers"] if answer is False)
        assessors = seen["assessment"].assessors
        note = f"不能{failed}" if failed else "六项均能自主完成"
        rows.append({"label": "自理能力", "choice": seen["grade"], "note": f"{note}；评估人{assessors}"})
    if asked is not None:
        rows.append({"label": "申请事项", "choice": asked.get_kind_display(), "note": _asked(asked)})
    return rows


def _asked(asked: LinshiRequest) -> str:
    """The trouble, what the person has to bear of it, since when, and what was asked for (facts.md 11)."""
    told = [f"困难类型：{asked.get_cause_display()}"]
    if asked.residual_medical:
        told.append(f"报销后自负医疗费用 {yuan(asked.residual_medical)} 元")
    if asked.happened_on:
        told.append(f"发生于{day(asked.happened_on)}")
    if asked.repeat_same_cause:
        told.append("同一事由再次申请")
    told.append(f"申请 {yuan(asked.requested)} 元")
    return "，".join(told) + (f"。{asked.note}" if asked.note else "")
