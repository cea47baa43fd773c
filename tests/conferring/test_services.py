"""The township decides collectively before one person signs (JZ-5.1)."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.utils import timezone

from approvals.conferring.enums import Conclusion
from approvals.conferring.models import JointItem, JointMeeting
from approvals.conferring.queries import tasks_for
from approvals.queries import tasks_for as move_tasks
from approvals.services import move
from approvals.settling.models import Entry
from cases.enums import ApplicationState as State
from cases.enums import LinshiKind, Programme
from common.errors import Refused
from organisations.enums import Post
from tests.approvals.builders import REASON
from tests.approvals.test_programmes import ask, investigate, step
from tests.cases.builders import linshi_entry, person_with
from tests.conferring.builders import PRESENT, case_entry, conferred


def decide(application, office, transition="approve"):
    return move(application_id=application.pk, transition=transition, actor=office.approver, opinion=REASON)


@pytest.mark.clause("JZ-5.1")
@pytest.mark.parametrize("transition", ["approve", "refuse"])
def test_nothing_is_decided_before_the_meeting(waiting, office, transition):
    with pytest.raises(Refused, match="须先由民生街道联审联批会议集体研究（JZ-5.1）"):
        decide(waiting, office, transition)
    assert [todo.number for todo in tasks_for(office.handler)] == [waiting.number]
    # The approver is not asked for what cannot be done yet.
    assert move_tasks(office.approver) == []


@pytest.mark.clause("JZ-5.1")
def test_one_meeting_decides_many_cases_and_each_is_decided_so(waiting, unfavourable, office):
    meeting = conferred(office, case_entry(waiting), case_entry(unfavourable, Conclusion.REFUSED))
    assert meeting.items.count() == 2
    assert tasks_for(office.handler) == []
    with pytest.raises(Refused, match="2026-03-10 联审联批会议的结论为“同意”（JZ-5.1），须按会议结论办理"):
        decide(waiting, office, "refuse")
    assert decide(waiting, office).state == State.APPROVED
    assert decide(unfavourable, office, "refuse").state == State.REFUSED
    said = Entry.objects.get(application=unfavourable)
    assert (said.action, said.post, said.actor) == ("confer", Post.HANDLER, office.handler)
    assert said.details == "参加表决 5 人，同意 0、不同意 5、弃权 0；结论：不同意"


@pytest.mark.clause("JZ-5.1")
def test_a_case_put_off_waits_for_the_next_meeting(waiting, office, clock):
    conferred(office, case_entry(waiting, Conclusion.DEFERRED, n_against=3))
    with pytest.raises(Refused, match="须先由民生街道联审联批会议"):
        decide(waiting, office)
    clock.shift(dt.timedelta(days=1))
    conferred(office, case_entry(waiting))
    assert decide(waiting, office).state == State.APPROVED
    assert JointItem.objects.count() == 2


@pytest.mark.clause("JZ-5.1")
def test_a_new_round_needs_a_new_meeting(waiting, office, clock):
    conferred(office, case_entry(waiting))
    decide(waiting, office, "return_to_visit")
    from tests.approvals.test_programmes import agree, visit

    visit(waiting, office)
    agree(waiting, office, clock)
    with pytest.raises(Refused, match="须先由民生街道联审联批会议"):
        decide(waiting, office)


# Five are present: (against, abstained, recused) and whether more than half of those who vote agree.
VOTES = [
    (0, 0, [], True),
    (2, 0, [], True),
    (1, 1, [], True),
    (2, 1, [], False),
    (3, 0, [], False),
    # Two of four is no majority; three of four is.
    (2, 0, ["何静"], False),
    (1, 0, ["何静"], True),
    (1, 0, ["何静", "周平"], True),
]


@pytest.mark.clause("JZ-5.1")
@pytest.mark.parametrize(("against", "abstained", "recused", "agreed"), VOTES)
def test_the_conclusion_follows_the_votes(waiting, office, against, abstained, recused, agreed):
    votes = {"n_against": against, "n_abstained": abstained, "recused": recused}
    right, wrong = Conclusion.APPROVED, Conclusion.REFUSED
    if not agreed:
        right, wrong = wrong, right
    with pytest.raises(Refused, match="与研究结论不一致") as refused:
        conferred(office, case_entry(waiting, wrong, **votes))
    assert refused.value.field == f"{waiting.pk}-conclusion"
    conferred(office, case_entry(waiting, right, **votes))
    item = JointItem.objects.get()
    assert item.n_for == 5 - against - abstained - len(recused)
    assert item.stayed_away == sorted(recused)


@pytest.mark.clause("JZ-5.1")
def test_fewer_than_the_rules_ask_only_put_off(waiting, office):
    away = {"recused": ["何静", "周平", "孙强"]}
    with pytest.raises(Refused, match="参加表决 2 人，少于规定的 3 人，只能缓议"):
        conferred(office, case_entry(waiting, **away))
    conferred(office, case_entry(waiting, Conclusion.DEFERRED, **away))


@pytest.mark.clause("JZ-12.1")
def test_who_handled_the_case_or_belongs_to_it_does_not_vote(waiting, office):
    name = waiting.applicant.person.name
    for who, why in ((office.reviewer.name, "经办过此件"), (name, "是该户成员"), ("郑同志", "经办过此件")):
        present = [*PRESENT, (who, "社会事务办主任")]
        with pytest.raises(Refused, match=f"{who}{why}，须回避") as refused:
            conferred(office, case_entry(waiting), present=present)
        assert refused.value.field == f"{waiting.pk}-recused"
        assert not JointMeeting.objects.exists()
    reviewer = office.reviewer.name
    conferred(office, case_entry(waiting, recused=[reviewer]), present=[*PRESENT, (reviewer, "主任")])
    assert JointItem.objects.get().n_for == 5


@pytest.mark.clause("JZ-12.1")
def test_a_relative_on_record_does_not_vote(waiting, office, monkeypatch):
    """Rooms to the right say who is a relative; here one says so of 郑明."""
    from approvals import perms

    leader = person_with(Post.APPROVER, office.township, name="郑明")
    monkeypatch.setattr(perms, "RECUSALS", [*perms.RECUSALS, lambda application, user: user == leader])
    with pytest.raises(Refused, match="郑明是该户申报的近亲属，须回避"):
        conferred(office, case_entry(waiting))
    conferred(office, case_entry(waiting, recused=["郑明"]))


def test_what_cannot_have_been_is_refused(waiting, office, clock):
    sound = case_entry(waiting)
    for words, field, cases, changes in (
        ("请勾选", "", [], {}),
        ("请填写参加人员", "present", [sound], {"present": []}),
        ("参加人员重复：郑明", "present", [sound], {"present": [*PRESENT, ("郑明", "书记")]}),
        ("主持人须在参加人员中", "chair", [sound], {"chair": "王五"}),
        ("不能晚于现在", "held_at", [sound], {"held_at": timezone.now() + dt.timedelta(minutes=1)}),
        ("在会议之后才签署", "held_at", [sound], {"held_at": timezone.now() - dt.timedelta(days=30)}),
        ("请选择要上传的文件", "scan", [sound], {"scan": None}),
        ("不在参加人员中：李四", f"{waiting.pk}-recused", [case_entry(waiting, recused=["李四"])], {}),
        ("超过参加表决的 5 人", f"{waiting.pk}-n_against", [case_entry(waiting, n_against=6)], {}),
        ("请填写研究意见", f"{waiting.pk}-opinion", [case_entry(waiting, opinion=" ")], {}),
    ):
        with pytest.raises(Refused, match=words) as refused:
            conferred(office, *cases, **changes)
        assert refused.value.field == field
    conferred(office, sound)
    with pytest.raises(Refused, match="不在待联审联批之列"):
        conferred(office, sound)
    assert JointMeeting.objects.count() == 1


@pytest.mark.clause("DT-1.1")
def test_the_reviewer_of_the_case_brings_it_to_no_meeting(waiting, office):
    with pytest.raises(Refused, match="由民生街道的经办岗办理"):
        conferred(office, case_entry(waiting), actor=office.reviewer)


@pytest.mark.clause("JZ-4.2")
def test_emergency_aid_waits_for_no_meeting(office):
    application = ask(office, Programme.LINSHI, linshi=linshi_entry(kind=LinshiKind.EMERGENCY))
    investigate(application, office)
    step(application, "agree_at_once", office.reviewer, amount=Decimal("3000.00"))
    assert not application.proposals.get().meeting_due
