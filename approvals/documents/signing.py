"""Papers that the household signs before acceptance: the joint application and the authorisation to check.

What was declared may change until then. A paper is therefore about one state of the declaration: its matter
is a keyed digest of what it says, so a changed household gets a new paper, and the old one stays on record.
"""

from __future__ import annotations

import json
from collections.abc import Callable

from approvals.documents import parts
from approvals.documents.registry import Form, register
from approvals.enums import DocumentKind
from cases.enums import ApplicationState, Origin, Programme
from cases.models import Application, IncomeItem, Member
from cases.queries import linshi_request, rule_day
from common.fields import lookup_digest
from common.identity import age_on

ADULT = 18
_DIGITS = 20
# The kinds of agencies that the standard text of an authorisation names (facts.md 11).
_SCOPE = (
    "公安、民政、人力资源社会保障、自然资源、住房城乡建设、农业农村、退役军人事务、市场监管、税务、医疗保障、"
    "残联、住房公积金等政府部门和单位掌握的户籍、婚姻、就业、社会保险、纳税、不动产、车辆船舶、工商登记、"
    "住房公积金等信息；银行、证券、保险等金融机构和第三方支付平台掌握的存款、理财、证券、商业保险、支付账户"
    "等信息；供水、供电、供气、通信等公用事业单位掌握的消费信息；殡葬等其他有关信息。"
)
_PERIOD = "自签署之日起，至本户退出所申请的救助事项（含动态管理和监测期）之日止。"


def about(build: Callable[[Application], dict]) -> Callable[[Application], list[str]]:
    """The one matter that there is now: a digest of what the paper would say."""

    def matters(application: Application) -> list[str]:
        said = json.dumps(build(application), ensure_ascii=False, sort_keys=True)
        return [f"said:{lookup_digest(said, 'paper')[:_DIGITS]}"]

    return matters


def declared(application: Application, matter: str) -> Application:
    """What was declared, whatever the matter."""
    return application


def not_submitted(application: Application) -> str:
    """A paper to sign is final once the application was handed in."""
    if application.state == ApplicationState.DRAFT:
        return "申请提交后制作；登记中只能预览草稿。"
    return ""


def co_living(application: Application) -> list[Member]:
    """本人 first, then the others who live with them."""
    members = [member for member in application.household.members.all() if member.co_living]
    return sorted(members, key=lambda member: (member.relation != "self", member.pk))


def _is_minor(member: Member, application: Application) -> bool:
    return age_on(member.person.birth_date, rule_day(application)) < ADULT


def _application_data(application: Application) -> dict:
    asked = linshi_request(application)
    cause = application.get_cause_display() or (asked.get_cause_display() if asked else "") or "未填写"
    return {
        "applicant": parts.applicant(application),
        "applied_on": parts.day(application.received_at or application.created_at),
        "residence": parts.residence(application),
        "programmes": [
            {"label": programme.label, "chosen": programme == application.programme}
            for programme in Programme
        ],
        "cause": cause,
        "statement": application.statement,
        "members": parts.members(application),
        "declared": _declared_rows(application),
        "payee": parts.payee(application),
        "signers": [
            {"name": member.person.name, "minor": _is_minor(member, application)}
            for member in co_living(application)
        ],
    }


def _declared_rows(application: Application) -> list[dict]:
    """Income a month by member and kind, then property: what the family says, before any check."""
    items = IncomeItem.objects.filter(
        member__household=application.household_id, origin=Origin.DECLARED
    ).select_related("member__person")
    rows = [
        {
            "label": f"{item.member.person.name}　{item.get_kind_display()}"
            + (f"（{item.get_exempt_display()}）" if item.exempt else ""),
            "value": f"每月 {parts.yuan(item.monthly)} 元",
        }
        for item in items
    ] or [{"label": "收入", "value": "无"}]
    rows += [
        {"label": row["label"], "value": row["declared"]} for row in parts.property_rows(application, None)
    ]
    household = application.household
    note = f"（{household.rigid_expenditure_note}）" if household.rigid_expenditure_note else ""
    spent = f"每月 {parts.yuan(household.rigid_expenditure_monthly)} 元"
    return [*rows, {"label": f"刚性支出{note}", "value": spent}]


def _authorisation_data(application: Application) -> dict:
    people = [
        {
            "name": member.person.name,
            "id_number": member.person.id_number,
            "minor": _is_minor(member, application),
            "guardian": member.authorised_by_guardian,
        }
        for member in co_living(application)
    ]
    return {
        "people": people,
        "minors": [person for person in people if person["minor"]],
        "scope": _SCOPE,
        "period": _PERIOD,
    }


def _of_the_declared(build: Callable[[Application], dict]) -> Callable[[Application, Application], dict]:
    return lambda application, subject: build(application)


register(
    Form(
        DocumentKind.JOINT_APPLICATION,
        "{province}困难群众“一件事”救助联办申请表",
        "社救申",
        "尚未登记申请。",
        declared,
        _of_the_declared(_application_data),
        matters=about(_application_data),
        not_final=not_submitted,
    ),
    Form(
        DocumentKind.AUTHORISATION,
        "居民家庭经济状况核对授权书",
        "社救授",
        "尚未登记申请。",
        declared,
        _of_the_declared(_authorisation_data),
        matters=about(_authorisation_data),
        not_final=not_submitted,
    ),
)
