"""特困, 低边 and 临时救助 from the first form to the facts that are tested."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from cases.enums import OPEN_PROGRAMMES, AttachmentKind, Programme, Relation
from cases.models import LinshiRequest, TekunDeclaration
from cases.queries import assessment_facts, care_agreement, current_visit, visit_gaps
from cases.services import (
    add_attachment,
    complete_visit,
    discard_draft,
    prepare_submission,
    record_care_agreement,
    record_visit,
    register_application,
    release_members,
    update_draft,
)
from common.errors import Refused
from organisations.enums import Post
from policy.household import LinshiFacts, TekunFacts
from tests.cases.builders import (
    build_places,
    care_entry,
    declaration,
    draft_application,
    flag_rule,
    in_state,
    linshi_entry,
    member_line,
    person_with,
    photo,
    self_care_entry,
    synthetic_id,
    tekun_entry,
    visit_entry,
)

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def still(clock):
    clock.move_to(NOW)


@pytest.fixture
def places():
    return build_places()


@pytest.fixture
def handler(places):
    return person_with(Post.HANDLER, places.township)


@pytest.fixture
def case_of(places, handler):
    """A draft of the programme of somebody of the number given, 林小花 unless told otherwise."""

    def make(programme, n=50, **values):
        line = member_line("林小花", id_number=synthetic_id(n))
        return draft_application(places, line, actor=handler, programme=programme, **values)

    return make


@pytest.fixture
def handed_in(case_of, handler):
    def make(programme, n=50, **values):
        application = case_of(programme, n, **values)
        prepare_submission(application=application, actor=handler)
        return in_state(application, "submitted")

    return make


def refused(application, actor) -> str:
    with pytest.raises(Refused) as refusal:
        prepare_submission(application=application, actor=actor)
    return str(refusal.value)


def test_all_four_programmes_are_open():
    assert set(OPEN_PROGRAMMES) == set(Programme)


def test_what_another_programme_asked_before_is_forgotten(case_of, handler, places):
    draft = case_of(Programme.TEKUN, tekun=tekun_entry(supporter="able", supporter_note="儿子在外地"))
    assert draft.tekun_declaration.supporter == "able"
    line = member_line("林小花", id_number=synthetic_id(50))
    changed = declaration(places.village, line, programme=Programme.LINSHI)
    update_draft(application=draft, declaration=changed, actor=handler)
    assert not TekunDeclaration.objects.exists()
    assert LinshiRequest.objects.get().requested == Decimal("3000.00")


@pytest.mark.clause("LY-2.4")
def test_nothing_is_handed_in_with_a_condition_of_tekun_left_open(case_of, handler):
    open_answers = tekun_entry(no_work_ability=None, no_income=None, supporter="", placement="")
    message = refused(case_of(Programme.TEKUN, tekun=open_answers), handler)
    for label in ("无劳动能力", "无生活来源", "法定义务人", "供养方式"):
        assert label in message
    assert "义务人情况说明" not in message


@pytest.mark.clause("LY-2.4")
def test_why_somebody_cannot_support_is_written_down(case_of, handler):
    assert "义务人情况说明" in refused(
        case_of(Programme.TEKUN, tekun=tekun_entry(supporter="unable")), handler
    )


@pytest.mark.clause("DT-3.2")
def test_a_request_says_what_for_how_much_and_since_when(case_of, handler):
    empty = linshi_entry(kind="", cause="", requested=None, happened_on=None)
    message = refused(case_of(Programme.LINSHI, linshi=empty), handler)
    for label in ("救助类型", "救助事由", "申请金额", "事件发生日期"):
        assert label in message


@pytest.mark.clause("DT-9.1")
def test_no_account_is_asked_for_or_kept_for_a_status_without_money(case_of, handler):
    draft = case_of(Programme.DIBIAN)
    assert (draft.payee_name, draft.payee_bank, draft.payee_account) == ("", "", None)
    prepare_submission(application=draft, actor=handler)


def test_the_cause_of_the_request_is_the_cause_of_the_case(case_of):
    draft = case_of(Programme.LINSHI, linshi=linshi_entry(cause="disaster"))
    assert draft.cause == "disaster"


@pytest.mark.parametrize(
    ("entry", "field"),
    [
        ({"requested": Decimal("0.00")}, "linshi_requested"),
        ({"residual_medical": Decimal("-0.01")}, "linshi_residual_medical"),
        ({"happened_on": date(2026, 3, 3)}, "linshi_happened_on"),
    ],
)
def test_a_request_that_cannot_be_is_refused_at_its_field(case_of, entry, field):
    with pytest.raises(Refused) as refusal:
        case_of(Programme.LINSHI, linshi=linshi_entry(**entry))
    assert refusal.value.field == field


STAGES = ((date(2026, 4, 1), Decimal("2000.00")), (date(2026, 5, 1), Decimal("1000.00")))


@pytest.mark.clause("DT-3.3")
def test_stages_sum_to_the_request_where_the_rules_allow_them(case_of, places):
    with pytest.raises(Refused, match="没有“一次审批、分阶段救助”的规则"):
        case_of(Programme.LINSHI, linshi=linshi_entry(instalments=STAGES))
    flag_rule(places.county, "linshi.instalments")
    draft = case_of(Programme.LINSHI, linshi=linshi_entry(instalments=STAGES))
    assert [(s.due_on, s.amount) for s in draft.linshi_request.instalments.all()] == list(STAGES)
    for wrong, words in (
        ((STAGES[0], (date(2026, 5, 1), Decimal("999.99"))), "合计 2,999.99 元，与申请金额不一致"),
        ((STAGES[0], (date(2026, 4, 1), Decimal("1000.00"))), "日期不能重复"),
        ((STAGES[0], STAGES[1], (date(2026, 6, 1), Decimal("0.00"))), "须大于 0"),
    ):
        with pytest.raises(Refused, match=words):
            case_of(Programme.LINSHI, linshi=linshi_entry(instalments=wrong))


# Who may be in what at once.

PAIRS = [
    (first, second)
    for first in (Programme.DIBAO, Programme.DIBIAN, Programme.TEKUN)
    for second in (Programme.DIBAO, Programme.DIBIAN, Programme.TEKUN)
    if first != second
]


@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_nobody_is_in_two_of_the_three(handed_in, case_of, handler, first, second):
    held = handed_in(first)
    message = refused(case_of(second), handler)
    assert held.number in message
    assert "低保、低边、特困不能同时享受，须先办结或撤回该申请" in message
    assert "林小花" not in message
    release_members(application=held)
    prepare_submission(application=case_of(second), actor=handler)


def test_a_benefit_in_force_is_ended_before_another_is_asked_for(handed_in, case_of, handler):
    held = in_state(handed_in(Programme.DIBIAN), "approved")
    message = refused(case_of(Programme.DIBAO), handler)
    assert held.number in message
    assert "须先办理现有待遇的终止" in message


def test_tekun_takes_the_place_of_the_applicant_alone(places, handler):
    """A brother who lives there too may be in 低保."""
    lines = (
        member_line("林小花", id_number=synthetic_id(50)),
        member_line("林大海", id_number=synthetic_id(51), relation=Relation.OTHER_SUPPORTED),
    )
    tekun = draft_application(places, *lines, actor=handler, programme=Programme.TEKUN)
    prepare_submission(application=tekun, actor=handler)
    assert [m.relation for m in tekun.household.members.filter(occupies=True)] == ["self"]
    brother = member_line("林大海", id_number=synthetic_id(51))
    prepare_submission(application=draft_application(places, brother, actor=handler), actor=handler)


@pytest.mark.clause("JZ-4.2")
@pytest.mark.parametrize("pending", [Programme.DIBAO, Programme.TEKUN])
def test_linshi_while_another_application_is_pending_where_the_rules_say_so(
    handed_in, case_of, handler, places, pending
):
    first = handed_in(pending)
    message = refused(case_of(Programme.LINSHI), handler)
    assert first.number in message
    assert "低保、特困申请办理期间可先给予临时救助" in message
    flag_rule(places.county, "linshi.while_pending")
    prepare_submission(application=case_of(Programme.LINSHI), actor=handler)


@pytest.mark.clause("JZ-4.2")
def test_what_is_urgent_or_already_decided_does_not_wait(handed_in, case_of, handler):
    held = handed_in(Programme.DIBAO)
    urgent = case_of(Programme.LINSHI, linshi=linshi_entry(kind="emergency"))
    prepare_submission(application=urgent, actor=handler)
    release_members(application=urgent)
    in_state(held, "approved")
    prepare_submission(application=case_of(Programme.LINSHI), actor=handler)


def test_nobody_has_two_requests_at_once(handed_in, case_of, handler):
    first = handed_in(Programme.LINSHI)
    assert f"{first.number}（待受理）中，同一救助项目不能重复申请" in refused(
        case_of(Programme.LINSHI, linshi=linshi_entry(kind="emergency")), handler
    )


# Where one may apply.


@pytest.mark.clause("JZ-4.1")
def test_epidemic_and_disaster_waive_register_and_residence(case_of, handler, places):
    """Waived until 1 March: what was received on that day is accepted, on the 2nd not."""
    stranger = {"hukou_in_county": False, "lives_in_county": False}
    message = refused(case_of(Programme.LINSHI, **stranger), handler)
    assert "临时救助不受户籍和居住地限制（疫情、灾情期间）" in message
    assert "2026-03-02" in message
    flag_rule(places.county, "linshi.residence_waived", start=date(2026, 2, 1), end=date(2026, 3, 2))
    refused(case_of(Programme.LINSHI, **stranger), handler)
    in_time = case_of(Programme.LINSHI, received_on=date(2026, 3, 1), **stranger)
    prepare_submission(application=in_time, actor=handler)
    assert in_time.submitted_at


@pytest.mark.clause("JZ-4.1")
def test_the_waiver_of_one_place_is_not_anothers(case_of, handler, places):
    flag_rule(places.other_township, "linshi.residence_waived")
    refused(case_of(Programme.LINSHI, hukou_in_county=False, lives_in_county=False), handler)


@pytest.mark.parametrize(
    "values",
    [
        {"hukou_in_county": False, "lives_in_county": True},
        {"hukou_in_county": True, "lives_in_county": False},
        {"hukou_in_county": False, "lives_in_county": False, "linshi": linshi_entry(kind="emergency")},
    ],
)
def test_linshi_is_for_residents_and_for_who_is_in_need_here(case_of, handler, values):
    prepare_submission(application=case_of(Programme.LINSHI, **values), actor=handler)


@pytest.mark.clause("JZ-2.2")
@pytest.mark.parametrize("programme", [Programme.DIBAO, Programme.DIBIAN, Programme.TEKUN])
def test_applying_at_the_place_of_residence_where_a_rule_lets_people(case_of, handler, places, programme):
    message = refused(case_of(programme, hukou_in_county=False), handler)
    assert "可在居住地申请低保、低边、特困" in message
    flag_rule(places.county, "application.at_residence")
    stranger = case_of(programme, hukou_in_county=False, lives_in_county=False)
    assert "请向户籍地或居住地申请" in refused(stranger, handler)
    prepare_submission(application=case_of(programme, hukou_in_county=False), actor=handler)


# What the household of the programme brings along.


@pytest.fixture
def visiting(handed_in):
    return in_state(handed_in(Programme.TEKUN), "visiting")


@pytest.mark.clause("DT-2.2")
def test_the_visit_is_not_complete_without_the_six_indicators(visiting, handler):
    add_attachment(application=visiting, kind=AttachmentKind.VISIT_PHOTO, upload=photo(), actor=handler)
    record_visit(application=visiting, entry=visit_entry(visiting), actor=handler)
    six = ["自主吃饭", "自主穿衣", "自主上下床", "自主如厕", "室内自主行走", "自主洗澡"]
    assert visit_gaps(current_visit(visiting)) == [*six, "自理能力评估日期", "自理能力评估人"]
    half = self_care_entry(can_walk=None, assessors="")
    record_visit(application=visiting, entry=visit_entry(visiting, self_care=half), actor=handler)
    with pytest.raises(Refused, match="缺少：室内自主行走、自理能力评估人"):
        complete_visit(application=visiting, actor=handler)
    whole = self_care_entry(entrusted_to="洞头区护理站")
    record_visit(application=visiting, entry=visit_entry(visiting, self_care=whole), actor=handler)
    complete_visit(application=visiting, actor=handler)
    assert visiting.self_care_assessments.get().entrusted_to == "洞头区护理站"


@pytest.mark.clause("DT-2.2")
def test_an_assessment_of_tomorrow_and_of_another_programme_is_refused(visiting, handed_in, handler):
    tomorrow = self_care_entry(assessed_on=date(2026, 3, 3))
    with pytest.raises(Refused) as refusal:
        record_visit(application=visiting, entry=visit_entry(visiting, self_care=tomorrow), actor=handler)
    assert refusal.value.field == "assessed_on"
    dibao = in_state(handed_in(Programme.DIBAO, 52), "visiting")
    with pytest.raises(Refused, match="只有特困申请"):
        record_visit(application=dibao, entry=visit_entry(dibao, self_care=self_care_entry()), actor=handler)


def test_a_new_round_is_assessed_anew(visiting, handler):
    record_visit(
        application=visiting, entry=visit_entry(visiting, self_care=self_care_entry()), actor=handler
    )
    assert assessment_facts(visiting).tekun.self_care_failed == 1
    visiting.investigation_round = 2
    visiting.save(update_fields=["investigation_round"])
    with pytest.raises(Refused, match="本轮生活自理能力评估尚未完成"):
        assessment_facts(visiting)


@pytest.mark.clause("LY-2.4")
def test_the_facts_of_tekun(visiting, handler):
    with pytest.raises(Refused, match="六项指标、评估日期和评估人"):
        assessment_facts(visiting)
    three = self_care_entry(can_walk=False, can_toilet=False)
    record_visit(application=visiting, entry=visit_entry(visiting, self_care=three), actor=handler)
    facts = assessment_facts(visiting)
    assert facts.linshi is None
    assert facts.tekun == TekunFacts(
        no_work_ability=True, no_income=True, supporter="none", self_care_failed=3, placement="home"
    )


@pytest.mark.clause("DT-3.2")
def test_the_facts_of_linshi(handed_in, case_of):
    facts = assessment_facts(handed_in(Programme.LINSHI))
    assert facts.tekun is None
    assert facts.linshi == LinshiFacts(
        kind="expenditure",
        cause="medical",
        requested=Decimal("3000.00"),
        residual_medical=Decimal("8000.00"),
        repeat_same_cause=False,
    )
    with pytest.raises(Refused, match="先填写救助类型、事由和申请金额"):
        assessment_facts(case_of(Programme.LINSHI, 53, linshi=linshi_entry(requested=None)))


# The service agreement.


@pytest.mark.clause("SY-A2.1a")
def test_a_signed_agreement_names_carer_and_account(visiting, handler):
    assert care_agreement(visiting) is None
    first = record_care_agreement(application=visiting, entry=care_entry(), actor=handler, scan=photo())
    assert first.scan.kind == "agreement"
    assert first.masked_account.endswith("0099")
    assert "6222" not in first.masked_account[4:]
    second = record_care_agreement(application=visiting, entry=care_entry(name="王照料"), actor=handler)
    assert care_agreement(visiting) == second
    assert visiting.care_agreements.count() == 2


@pytest.mark.parametrize(
    ("entry", "field"),
    [
        ({"signed_by_person": False}, "signed_by_person"),
        ({"signed_on": date(2026, 3, 3)}, "signed_on"),
        ({"name": " "}, "name"),
        ({"payee_name": " "}, "payee_name"),
        ({"payee_bank": " "}, "payee_bank"),
        pytest.param({"kind": "institution"}, "kind", marks=pytest.mark.clause("DT-7.2")),
    ],
)
def test_an_agreement_that_does_not_hold_is_refused_at_its_field(visiting, handler, entry, field):
    with pytest.raises(Refused) as refusal:
        record_care_agreement(application=visiting, entry=care_entry(**entry), actor=handler)
    assert refusal.value.field == field


@pytest.mark.clause("DT-7.1")
def test_in_an_institution_the_institution_signs(handed_in, handler):
    application = handed_in(Programme.TEKUN, tekun=tekun_entry(placement="institution"))
    with pytest.raises(Refused, match="服务方须是供养服务机构"):
        record_care_agreement(application=application, entry=care_entry(), actor=handler)
    home = care_entry(kind="institution", name="洞头区社会福利中心")
    agreement = record_care_agreement(application=application, entry=home, actor=handler)
    assert "县（市、区）" in agreement.arranged_by


@pytest.mark.parametrize("state", ["approved", "refused", "withdrawn"])
def test_no_agreement_after_the_decision(visiting, handler, state):
    in_state(visiting, state)
    with pytest.raises(Refused, match="不能登记供养服务协议"):
        record_care_agreement(application=visiting, entry=care_entry(), actor=handler)


def test_a_draft_with_its_request_is_thrown_away_whole(case_of, places, handler):
    flag_rule(places.county, "linshi.instalments")
    draft = case_of(Programme.LINSHI, linshi=linshi_entry(instalments=STAGES))
    discard_draft(application=draft, reason="重复登记", actor=handler)
    assert not LinshiRequest.objects.exists()


def test_the_register_of_one_village_helper_takes_all_programmes(places):
    helper = person_with(Post.VILLAGE_HELPER, places.village)
    for n, programme in enumerate(Programme, start=60):
        line = member_line("林小花", id_number=synthetic_id(n))
        said = declaration(
            places.village, line, programme=programme, channel="village", received_on=date(2026, 3, 1)
        )
        assert register_application(declaration=said, actor=helper).programme == programme
