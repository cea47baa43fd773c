"""Two at once: one wins, the other is told."""

import threading
from decimal import Decimal

import pytest
from django.db import connection, transaction

from approvals.models import Decision
from approvals.services import move
from cases.enums import ApplicationState as State
from common.errors import Refused
from organisations.enums import Post
from organisations.models import User
from payments.models import Benefit, Grant, Instalment
from tests.approvals.builders import REASON, build_office, case_in, take
from tests.cases.builders import linshi_entry, person_with

pytestmark = pytest.mark.django_db(transaction=True)


def together(*moves) -> list[str]:
    """Run the calls in threads that start as one; the answers."""
    barrier = threading.Barrier(len(moves))
    answers: list[str] = []

    def run(call) -> None:
        try:
            barrier.wait()
            call()
            answers.append("done")
        except Refused as refusal:
            answers.append(refusal.message)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(call,)) for call in moves]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return answers


def test_two_approvers_at_once(clock) -> None:
    office = build_office()
    application = case_in(State.DECIDING, office=office, clock=clock)
    colleague = person_with(Post.APPROVER, office.township)

    def decide(actor: User, transition: str):
        return lambda: move(application_id=application.pk, transition=transition, actor=actor, opinion=REASON)

    answers = together(decide(office.approver, "approve"), decide(colleague, "approve"))
    assert sorted(answers)[0] == "done"
    assert "申请状态为“已批准”，不能办理“审批同意”。" in answers
    assert Decision.objects.count() == Benefit.objects.count() == 1
    assert application.steps.filter(transition="approve").count() == 1


def test_approval_against_withdrawal(clock) -> None:
    office = build_office()
    application = case_in(State.DECIDING, office=office, clock=clock)
    answers = together(
        lambda: move(
            application_id=application.pk, transition="approve", actor=office.approver, opinion=REASON
        ),
        lambda: move(
            application_id=application.pk, transition="withdraw", actor=office.handler, opinion=REASON
        ),
    )
    assert answers.count("done") == 1
    application.refresh_from_db()
    approved = application.state == State.APPROVED
    assert Decision.objects.count() == Benefit.objects.count() == (1 if approved else 0)
    assert application.household.members.get().occupies is approved


@pytest.mark.clause("DT-3.2")
def test_approval_of_urgent_aid_against_withdrawal(clock) -> None:
    """Money to pay out exists exactly when the approval came first."""
    office = build_office()
    asked = linshi_entry(kind="emergency", cause="accident")
    application = case_in(State.ACCEPTED, office=office, programme="linshi", linshi=asked)
    for transition, role in (("skip_check", "handler"), ("finish_visit", "handler")):
        take(application, transition, office, role)
    given = {"actor": office.reviewer, "opinion": REASON, "amount": Decimal("3000.00")}
    move(application_id=application.pk, transition="agree_at_once", **given)
    answers = together(
        *(
            lambda actor=actor, transition=transition: move(
                application_id=application.pk, transition=transition, actor=actor, opinion=REASON
            )
            for actor, transition in ((office.approver, "approve"), (office.handler, "withdraw"))
        )
    )
    assert answers.count("done") == 1
    application.refresh_from_db()
    n = 1 if application.state == State.APPROVED else 0
    assert Decision.objects.count() == Grant.objects.count() == Instalment.objects.count() == n


def test_the_lock_is_what_makes_the_second_wait(clock) -> None:
    """While one transaction holds the application, another move does not read it."""
    office = build_office()
    application = case_in(State.SUBMITTED, office=office)
    done = threading.Event()
    answers: list[str] = []

    def withdraw() -> None:
        try:
            move(application_id=application.pk, transition="withdraw", actor=office.handler, opinion=REASON)
            answers.append("done")
        except Refused as refusal:
            answers.append(refusal.message)
        finally:
            done.set()
            connection.close()

    with transaction.atomic():
        move(application_id=application.pk, transition="request_materials", actor=office.handler)
        thread = threading.Thread(target=withdraw)
        thread.start()
        assert not done.wait(timeout=0.5)
    thread.join(timeout=60)
    assert answers == ["done"]
    assert list(application.steps.values_list("from_state", "to_state")) == [
        ("draft", "submitted"),
        ("submitted", "awaiting_materials"),
        ("awaiting_materials", "withdrawn"),
    ]
