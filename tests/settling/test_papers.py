"""The form of LC-F and the record of the appraisal, field by field."""

import pytest

from approvals.documents.panel import documents_panel
from approvals.documents.service import document_bytes, make_document
from approvals.enums import DocumentKind as Kind
from approvals.settling.models import Appraisal
from cases.enums import ApplicationState as State
from common.errors import Refused
from tests.approvals.builders import case_in
from tests.approvals.test_documents import n_pages, text_of
from tests.settling import builders


@pytest.mark.clause("LC-F")
def test_the_form_of_lucheng(lucheng) -> None:
    settlement = builders.in_force(lucheng)
    application = settlement.application
    document = make_document(
        application=application, kind=Kind.CASE_BY_CASE_FORM, actor=lucheng.office.handler
    )
    pdf = document_bytes(document)
    text = text_of(pdf)
    for words in (
        "鹿城区社会救助“一事一议”审批表",
        "社救议审〔2026〕1号",
        # 申请人基本情况: 姓名、电话、住址
        application.applicant_name,
        application.applicant.person.phone,
        application.household.address,
        # 事项及基本情况
        "最低生活保障",
        "家庭成员出走或失联满三年",
        "林大山（配偶）",
        "自2020-05-01起已满5年",
        # 民主评议结果, signed and dated
        "参加表决12人，1名纪（工）委代表到场监督",
        "同意11票、不同意0票、弃权1票，评议通过",
        "负责人：李一",
        # 街镇认定意见, signed and dated, the sum in capitals
        "街镇领导班子会议研究。同意。保障1人，每月救助人民币（大写）伍佰捌拾伍元整（小写585.00元）",
        "有效期至2027年3月1日，期满须重新申请",
        "2026年3月2日",
    ):
        assert "".join(words.split()) in text
    assert application.applicant.person.id_number not in text
    assert n_pages(pdf) == 1
    again = make_document(application=application, kind=Kind.CASE_BY_CASE_FORM, actor=lucheng.office.reviewer)
    assert document_bytes(again) == pdf


@pytest.mark.clause("LC-4.2b")
def test_the_record_of_each_appraisal(lucheng) -> None:
    settlement = builders.referred(lucheng)
    application = settlement.application
    builders.appraise(lucheng, settlement, present=builders.PRESENT | {"observer": []})
    builders.appraise(lucheng, settlement)
    kinds = [(row["kind"], row["matter"]) for row in rows_of(application, lucheng)]
    matters = [f"appraisal:{held.pk}" for held in Appraisal.objects.order_by("pk")]
    assert [matter for kind, matter in kinds if kind == Kind.APPRAISAL_RECORD] == matters
    texts = []
    for matter in matters:
        document = make_document(
            application=application,
            kind=Kind.APPRAISAL_RECORD,
            actor=lucheng.office.handler,
            matter=matter,
        )
        texts.append(text_of(document_bytes(document)))
    assert "评议无效：没有纪（工）委代表到场监督" in texts[0]
    for words in ("社会救助民主评议记录", "赵五", "周一", "参加表决12", "规定不少于12人", "评议有效，通过"):
        assert words in texts[1]


def rows_of(application, place) -> list[dict]:
    return documents_panel(application, place.office.handler)["documents_panel"]["rows"]


@pytest.mark.clause("LC-F")
def test_the_form_waits_for_the_last_signature(lucheng, office) -> None:
    settlement = builders.referred(lucheng)
    builders.appraise(lucheng, settlement)
    builders.determine(lucheng, settlement)
    with pytest.raises(Refused, match="一事一议尚未确认"):
        make_document(
            application=settlement.application,
            kind=Kind.CASE_BY_CASE_FORM,
            actor=lucheng.office.handler,
        )
    # An ordinary case does not even show the row.
    ordinary = case_in(State.SUBMITTED, office=office)
    assert Kind.CASE_BY_CASE_FORM not in {
        row["kind"] for row in documents_panel(ordinary, office.handler)["documents_panel"]["rows"]
    }
