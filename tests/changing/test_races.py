"""Two at once on one change: one wins, the other is told or finds the work done."""

import pytest

from approvals.changing.enums import ChangeState as State
from approvals.changing.services import draft_change, move_change
from approvals.changing.tasks import close_periods
from organisations.enums import Post
from tests.approvals.test_programmes import SHANGYU, office_in
from tests.approvals.test_races import together
from tests.cases.builders import person_with
from tests.changing.builders import WHY, Desk, entry, raised

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def desk(clock) -> Desk:
    return Desk(office_in(SHANGYU), clock)


def test_two_approvers_at_once(desk) -> None:
    change = desk.change_in(State.REVIEWED, raised())
    colleague = person_with(Post.APPROVER, desk.office.township)

    def agree(actor):
        return lambda: move_change(change_id=change.pk, transition="agree_at_once", actor=actor, opinion=WHY)

    answers = together(agree(desk.office.approver), agree(colleague))
    assert sorted(answers)[0] == "done"
    assert "变更状态为“已生效”，不能办理“同意，作出决定”。" in answers
    assert change.benefit.revisions.filter(source=f"change:{change.pk}").count() == 1


def test_two_drafts_of_one_benefit_at_once(desk) -> None:
    benefit = desk.benefit()

    def draft():
        draft_change(benefit=benefit, entry=entry(), actor=desk.office.handler)

    answers = together(draft, draft)
    assert sorted(answers) == sorted(["done", "该待遇已有正在办理的变更，请先办结或撤回。"])


def test_two_workers_at_once(desk) -> None:
    change = desk.change_in(State.HEARING)
    desk.wait_for_defence(change)
    assert together(close_periods, close_periods) == ["done", "done"]
    assert change.steps.filter(transition="close_hearing").count() == 1
