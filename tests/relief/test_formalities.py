"""Who keeps away from an emergency relief, what is signed, and what is not asked for any more."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.urls import reverse

from approvals import perms as case_perms
from approvals.documents.registry import FORMS
from approvals.documents.service import make_document
from approvals.enums import DocumentKind
from approvals.relief import services
from approvals.relief.models import EmergencyRelief
from approvals.relief.queries import tasks_for
from cases.queries import incomplete_fields
from common.errors import Refused
from organisations.enums import Post
from organisations.models import PersonalDataRead
from payments.models import Grant
from tests.approvals.test_programmes import step
from tests.cases.builders import person_with
from tests.payments.test_constraints import refused
from tests.relief.builders import Relief, agreed, handed_in, receipt, registered, with_papers


@pytest.mark.clause("JZ-12.1")
def test_a_relative_keeps_away(ground: Relief):
    """The leader is the person's brother: another leader agrees, and he is asked for nothing."""
    leader, other = ground.office.approver, person_with(Post.APPROVER, ground.office.township)
    relief = registered(ground, recused=[leader])
    assert [len(tasks_for(user)) for user in (leader, other)] == [0, 1]
    with pytest.raises(Refused, match="近亲属，须回避"):
        services.agree(relief=relief, actor=leader)
    with pytest.raises(Refused, match="近亲属，须回避"):
        services.decline(relief=relief, actor=leader, opinion="不符合")
    services.agree(relief=relief, actor=other)
    for second in (leader.name, "林小花"):
        with pytest.raises(Refused, match="不能在场经办") as refusal:
            services.pay(relief=relief, entry=receipt(second_name=second), actor=ground.payer)
        assert refusal.value.field == "second_name"
    assert services.pay(relief=relief, entry=receipt(), actor=ground.payer).paid_by == ground.payer


@pytest.mark.clause("JZ-12.1")
def test_a_relative_does_not_register(ground: Relief):
    with pytest.raises(Refused, match="须由其他经办人员登记") as refusal:
        registered(ground, recused=[ground.office.handler])
    assert refusal.value.field == "recused"


@pytest.mark.clause("JZ-12.1")
def test_the_database_knows_the_relatives(ground: Relief):
    """Whoever writes: neither consent nor payment by a relative, and nobody is struck off the list."""
    relief = registered(ground, recused=[ground.office.approver])
    for change, by in (
        ("decided_by_id = recused[1], decided_at = now(), state = 'agreed'", "a relative keeps away"),
        ("paid_by_id = recused[1]", "a relative keeps away"),
        ("closed_by_id = recused[1]", "a relative keeps away"),
        ("recused = '{}'", "what was registered is kept"),
    ):
        refused(f"UPDATE relief_emergencyrelief SET {change} WHERE id = %s", relief.pk, by=by)


@pytest.mark.clause("JZ-12.1")
def test_relatives_on_record_keep_away_from_the_finding(ground: Relief, monkeypatch):
    """As from the case behind the relief."""
    leader = ground.office.approver
    relief = with_papers(ground)
    monkeypatch.setattr(case_perms, "RECUSALS", [lambda a, u: "是近亲属。" if u == leader else None])
    monkeypatch.setattr("approvals.relief.perms.RECUSALS", case_perms.RECUSALS)
    with pytest.raises(Refused, match="是近亲属"):
        services.close(relief=relief, actor=leader, finding="keep", opinion="不符合")


def test_the_form_offers_the_staff_of_the_township(ground: Relief, client):
    client.force_login(ground.office.handler)
    page = client.get(reverse("relief:register")).content.decode()
    assert ground.office.approver.name in page
    assert ground.district_approver.name not in page


@pytest.mark.clause("DT-4.3")
def test_the_receipt_is_printed_before_it_is_signed(ground: Relief, client):
    """Once the leader has agreed; each print is on record. Afterwards it is filed with the case."""
    client.force_login(ground.payer)
    waiting = registered(ground)
    assert client.get(reverse("relief:receipt", args=[waiting.pk])).status_code == 404
    relief = agreed(ground)
    answer = client.get(reverse("relief:receipt", args=[relief.pk]))
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert PersonalDataRead.objects.filter(subject=f"relief:{relief.pk}", user=ground.payer).count() == 1
    services.pay(relief=relief, entry=receipt(), actor=ground.payer)
    services.begin_papers(relief=relief, actor=ground.office.handler)
    application = EmergencyRelief.objects.get(pk=relief.pk).application
    paper = make_document(
        application=application, kind=DocumentKind.RELIEF_RECEIPT, actor=ground.office.handler
    )
    assert "社救急领" in paper.number
    for shown in ("林小花", "叁仟元整", "郑同志", "现金"):
        assert shown in paper.data
    assert FORMS[DocumentKind.HAND_OVER_RECEIPT].matters(application) == []


@pytest.mark.clause("DT-4.3")
def test_no_account_is_asked_for_what_was_given_whole(ground: Relief):
    """3,000 asked for, 3,000 given, 3,000 approved: nothing goes to a bank."""
    relief = with_papers(ground)
    assert not {"收款人", "开户银行", "收款账号"} & set(incomplete_fields(relief.application))
    application = handed_in(ground, relief, account=False)
    step(application, "agree_at_once", ground.office.reviewer, amount=Decimal("3000.00"))
    step(application, "approve", ground.office.approver)
    grant = Grant.objects.get()
    assert (grant.payee_account, grant.payee_digest, grant.payee_name) == ("", "", "林小花")
    assert [part.number for part in grant.instalments.all()] == [0]


@pytest.mark.clause("DT-4.3")
def test_what_is_left_needs_an_account(ground: Relief):
    """4,500 approved, 3,000 given: 1,500 go to an account, or nowhere; so says the database as well."""
    application = handed_in(ground, with_papers(ground), account=False)
    step(application, "agree_at_once", ground.office.reviewer, amount=Decimal("4500.00"))
    with pytest.raises(Refused, match="未登记收款人和收款账号"):
        step(application, "approve", ground.office.approver)
    application.payee_bank, application.payee_account = "温州银行", "6222020000000000008"
    application.save(update_fields=["payee_bank", "payee_account"])
    step(application, "approve", ground.office.approver)
    clear = "UPDATE payments_grant SET payee_account = NULL, payee_digest = ''"
    refused(clear, by="still to be paid has an account")
