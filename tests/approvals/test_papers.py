"""Papers that the household signs and those of 特困: every field of the office form is there."""

import datetime as dt
import re

import pytest
from django.urls import reverse

from approvals.documents.registry import FORMS
from approvals.documents.service import document_bytes, make_document
from approvals.enums import DocumentKind as Kind
from approvals.models import Document
from cases.enums import ApplicationState as State
from cases.enums import Programme, Relation
from cases.models import Application
from common.errors import Refused
from organisations.models import PersonalDataRead
from tests.approvals.builders import case_in, take
from tests.approvals.test_documents import n_pages, text_of
from tests.approvals.test_programmes import ask, investigate
from tests.cases.builders import linshi_entry, member_line, tekun_entry

RARE = "张𠮷㛃"
FAMILY = (
    member_line(RARE, wage="500.00"),
    member_line("林䶮", relation=Relation.SPOUSE, disability_kind="physical", disability_grade=2),
    member_line("张𬭎", relation=Relation.MINOR_CHILD, birth_date=dt.date(2015, 5, 1)),
)


def paper(case: Application, kind: Kind, office) -> tuple[Document, str]:
    """The paper about what is declared now, and its text."""
    case = Application.objects.with_place().select_related("household").get(pk=case.pk)
    [matter] = FORMS[kind].matters(case)
    made = make_document(application=case, kind=kind, actor=office.handler, matter=matter)
    return made, text_of(document_bytes(made))


def has(text: str, *words: str) -> None:
    missing = [word for word in words if re.sub(r"\s+", "", word) not in text]
    assert missing == []


@pytest.mark.clause("SY-A1.1b")
def test_the_joint_application_is_signed_by_everybody_who_lives_there(office, clock):
    case = case_in(State.SUBMITTED, office=office, members=FAMILY, statement="因病无力支付。")
    made, text = paper(case, Kind.JOINT_APPLICATION, office)
    has(
        text, "浙江省困难群众“一件事”救助联办申请表", "户籍在本县（市、区）", "☑最低生活保障", "☐临时救助",
        "因病无力支付。", "工资性收入", "每月500.00元", "存款、证券等货币财产", "没有隐瞒", "签名、按印",
        "法定代理人", "义务人代表", "代办人", "受理人", RARE, "林䶮", "张𬭎", "肢体残疾二级",
        case.applicant.person.id_number, made.number,
    )  # fmt: skip
    assert text.count("张𬭎") == 2
    assert case.payee_account not in text
    assert n_pages(document_bytes(made)) <= 2


@pytest.mark.clause("SY-A1.1b")
def test_the_authorisation_names_everybody_the_scope_and_the_time(office, clock):
    case = case_in(State.SUBMITTED, office=office, members=FAMILY)
    _, text = paper(case, Kind.AUTHORISATION, office)
    has(
        text, "居民家庭经济状况核对授权书", "不动产", "第三方支付", "供水", "自签署之日起", "监测期",
        "一式三份", "重新签署", "电子签名", "签名、指印", "（由监护人代签）", "被代理人", "与授权人关系",
        RARE, "张𬭎",
        *(member.person.id_number for member in case.household.members.all()),
    )  # fmt: skip


def test_a_changed_household_signs_anew_and_the_old_paper_stays(office, clock):
    case = case_in(State.SUBMITTED, office=office, members=FAMILY[:2])
    first, _ = paper(case, Kind.AUTHORISATION, office)
    assert paper(case, Kind.AUTHORISATION, office)[0] == first
    case.household.members.filter(relation=Relation.SPOUSE).update(co_living=False)
    second, text = paper(case, Kind.AUTHORISATION, office)
    assert second != first
    assert "林䶮" not in text
    assert first.matter.startswith("said:")


def test_a_draft_can_be_looked_at_and_is_marked(client, office, clock):
    case = case_in(State.DRAFT, office=office, members=FAMILY)
    [matter] = FORMS[Kind.JOINT_APPLICATION].matters(case)
    with pytest.raises(Refused, match="提交后制作"):
        make_document(application=case, kind=Kind.JOINT_APPLICATION, actor=office.handler, matter=matter)
    client.force_login(office.handler)
    tab = client.get(f"{reverse('workbench:case', args=[case.number])}?tab=documents").content.decode()
    address = reverse("approvals:document_draft", args=[case.pk, "joint_application"])
    assert address in tab
    text = text_of(b"".join(client.get(f"{address}?matter={matter}").streaming_content))
    has(text, "草稿", "（草稿，未编号）", RARE)
    assert not Document.objects.exists()
    assert PersonalDataRead.objects.get().fields == "文书：救助联办申请表"
    assert client.get(f"{address}?matter=other").status_code == 404


@pytest.fixture
def tekun(office, clock) -> Application:
    """A person in 特困, to be cared for at home, who cannot do two of the six alone."""
    case = ask(office, Programme.TEKUN)
    investigate(case, office, wage="0.00", failed=2)
    return case


@pytest.mark.clause("DT-2.2")
def test_the_self_care_form_shows_the_six_answers(tekun, office):
    _, text = paper(tekun, Kind.SELF_CARE_FORM, office)
    has(
        text, "特困人员生活自理能力评估表", "自主吃饭", "自主穿衣", "自主上下床", "自主如厕", "室内自主行走",
        "自主洗澡", "不能自主完成项数", "生活自理能力等级", "评估日期", "评估人", "见证人", "被评估人",
    )  # fmt: skip
    assert text.count("√") == 6
    has(text, "不能自主完成项数2项")


@pytest.mark.clause("SY-A2.1a")
def test_the_service_agreement_of_the_province(tekun, office):
    made, text = paper(tekun, Kind.SERVICE_AGREEMENT, office)
    has(
        text, "浙江省特困人员救助供养服务协议", "甲方", "乙方", "丙方", "供养形式", "自理能力等级", "就医",
        "清洁", "丧葬", "照料护理费", "财产", "探访", "变更和终止", "违约", "监护人签名", "签订日期",
        tekun.applicant.person.id_number,
    )  # fmt: skip
    assert n_pages(document_bytes(made)) == 2


@pytest.mark.clause("JZ-3.1")
def test_who_lives_at_home_has_a_care_agreement_and_others_have_none(tekun, office):
    _, text = paper(tekun, Kind.CARE_AGREEMENT, office)
    has(text, "分散供养特困人员照料服务协议", "与乙方关系", "费用", "考核", "监督人", "走访", "丙方账户")
    # 2,490 × 10 %: two of the six not alone is 轻度失能 (DT-7.3).
    has(text, "轻度失能", "基本生活费每月1,410.50元", "照料护理费每月249.00元")
    resident = ask(office, Programme.TEKUN, tekun=tekun_entry(placement="institution"))
    assert FORMS[Kind.CARE_AGREEMENT].matters(resident) == []
    assert len(FORMS[Kind.SERVICE_AGREEMENT].matters(resident)) == 1
    other = case_in(State.SUBMITTED, office=office)
    for kind in (Kind.SERVICE_AGREEMENT, Kind.CARE_AGREEMENT, Kind.SELF_CARE_FORM):
        assert FORMS[kind].matters(other) == []


@pytest.mark.clause("DT-3.1")
def test_the_approval_form_of_linshi_tells_the_trouble_and_what_was_found(office, clock):
    asked = linshi_entry(note="住院三周。")
    case = case_in(State.REVIEWING, office=office, programme=Programme.LINSHI, linshi=asked)
    take(case, "disagree", office, "reviewer")
    take(case, "refuse", office, "approver")
    _, text = paper(case, Kind.DECISION_FORM, office)
    has(
        text, "临时救助对象办理审批表", "困难类型：医疗费用", "报销后自负医疗费用8,000.00元", "住院三周。",
        "支出型", "核实情况", "情况属实。", "公示", "申请3,000.00元",
    )  # fmt: skip
