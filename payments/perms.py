"""Who may do what with money, and why it is they.

Three roles after JZ-6.1 (amounts by civil affairs, money by finance, payment by the bank), at the level
that pays (DT-8.2 the township, SY-5.1 the district):

- *prepare*, *make the bank file*, *enter the answer*: the payments clerk of the payer (街镇发放岗 /
  区级发放岗), who knows the households and talks to the bank;
- *check*: somebody who answers for the money and cannot prepare (the township's 分管领导 by 审批岗 /
  区级财政岗), never a person who prepared this list;
- *seal*: either side, because a seal adds no judgement: the database seals only what was checked, to the fen;
- whoever checked never makes the bank file, and whoever changed an account after the check makes no file
  with it: no single person can lead money to an account.
"""

from __future__ import annotations

from cases.enums import Programme
from cases.models import Application
from common import clock
from common.verdict import ALLOWED, Verdict, denied
from organisations.enums import AreaLevel, Post
from organisations.models import Area, User
from organisations.scope import scope_of
from payments.enums import BatchState, FundRequestKind, FundRequestState, HandOverState
from payments.models import (
    BankFile,
    Batch,
    Benefit,
    FundRequest,
    Grant,
    HandOverRequest,
    LaterAgreement,
    PriceIndex,
    ProxyAgreement,
)
from policy.rules import RuleBook

PAYING = {AreaLevel.TOWNSHIP: Post.TOWN_PAYMENTS, AreaLevel.COUNTY: Post.DISTRICT_PAYMENTS}
CHECKING = {AreaLevel.TOWNSHIP: Post.APPROVER, AreaLevel.COUNTY: Post.DISTRICT_FINANCE}
PAYMENT_POSTS = (Post.TOWN_PAYMENTS, Post.DISTRICT_PAYMENTS)
# Who sees batches: those who work on them, and the auditor.
BATCH_POSTS = (*PAYMENT_POSTS, Post.APPROVER, Post.DISTRICT_FINANCE, Post.AUDITOR)
# Who sees who is in receipt, in the areas where the post is held.
BENEFIT_POSTS = (*BATCH_POSTS, Post.HANDLER, Post.REVIEWER, Post.DISCIPLINE)
PAYEE_POSTS = (Post.HANDLER, *PAYMENT_POSTS)
# Who confirms a care agreement signed after the decision.
CARE_CONFIRMERS = (Post.REVIEWER, Post.APPROVER)
# Who keeps the price figures.
FIGURE_POSTS = (Post.DISTRICT_PAYMENTS, Post.DISTRICT_FINANCE)


def _holds(actor: User, area: Area, posts: dict[str, Post], what: str) -> Verdict:
    post = posts.get(area.level)
    if post is not None and scope_of(actor).covers(area, post):
        return ALLOWED
    label = post.label if post is not None else "发放岗"
    return denied(f"{what}由{area.name}的{label}办理。")


def _in_state(batch: Batch, states: tuple[BatchState, ...], what: str) -> Verdict:
    if batch.state in states:
        return ALLOWED
    return denied(f"批次{batch.get_state_display()}，不能{what}。")


def can_prepare(actor: User | None, area: Area) -> Verdict:
    """The payments clerk of the payer; None is the monthly job."""
    return ALLOWED if actor is None else _holds(actor, area, PAYING, "编制名册")


def can_pay(actor: User, batch: Batch, what: str = "代发文件") -> Verdict:
    """Is this the payments clerk of the payer? Whoever checked a batch does not send it to the bank."""
    verdict = _holds(actor, batch.area, PAYING, what)
    if verdict and batch.checked_by_id == actor.pk:
        return denied(f"批次由您复核，{what}须由另一人办理。")
    return verdict


def can_act_as_checker(actor: User, batch: Batch) -> Verdict:
    """Does the person answer for the money of the payer?"""
    return _holds(actor, batch.area, CHECKING, "复核")


def can_act_on(actor: User, batch: Batch) -> Verdict:
    """Either of the two: they seal, and send back what is not yet sealed."""
    return _holds(actor, batch.area, PAYING, "封账或退回") or _holds(
        actor, batch.area, CHECKING, "封账或退回"
    )


def can_prepare_again(actor: User, batch: Batch) -> Verdict:
    """Bring the list up to date as long as it is not checked."""
    if batch.programme == Programme.LINSHI:
        return denied("临时救助清单在“临时救助待发”中勾选列入。")
    if batch.state == BatchState.CHECKED:
        return denied("批次已复核；如需重新编制，请先退回。")
    return _in_state(batch, (BatchState.PREPARED,), "重新编制") and can_prepare(actor, batch.area)


def can_take_out(actor: User, batch: Batch) -> Verdict:
    """Instalments leave a pay-out list of 临时救助 as long as it is not checked."""
    if batch.programme != Programme.LINSHI:
        return denied("月度名册按在册待遇编制，不能单独移出。")
    return _in_state(batch, (BatchState.PREPARED,), "移出期次") and can_prepare(actor, batch.area)


def can_check(actor: User, batch: Batch) -> Verdict:
    """A second person (issue 2 item 8)."""
    verdict = _in_state(batch, (BatchState.PREPARED,), "复核") and can_act_as_checker(actor, batch)
    if verdict and batch.prepared_by_id == actor.pk:
        return denied("名册由您编制，须由另一人复核。")
    return verdict


def can_return(actor: User, batch: Batch) -> Verdict:
    """Back to preparation while nothing has left the house."""
    return _in_state(batch, (BatchState.CHECKED,), "退回编制") and can_act_on(actor, batch)


def can_seal(actor: User, batch: Batch) -> Verdict:
    """Once checked, either side freezes it."""
    if batch.state == BatchState.PREPARED:
        return denied("须先由另一人复核，才能封账。")
    return _in_state(batch, (BatchState.CHECKED,), "封账") and can_act_on(actor, batch)


def can_make_file(actor: User, batch: Batch) -> Verdict:
    """The payments clerk, once for all lines of a sealed batch."""
    if batch.is_open:
        return denied("须先封账，才能生成代发文件。")
    verdict = _in_state(batch, (BatchState.SEALED,), "再次生成全部明细的代发文件")
    return verdict and can_pay(actor, batch)


def can_retry(actor: User, batch: Batch) -> Verdict:
    """The same for the lines that failed."""
    return _in_state(batch, (BatchState.SENT,), "补发失败明细") and can_pay(actor, batch, "补发")


def can_download(actor: User, bank_file: BankFile) -> Verdict:
    """Full account numbers: only those who hand the file to the bank."""
    if bank_file.written_at is None:
        return denied("代发文件正在生成，请稍后再下载。")
    return _holds(actor, bank_file.batch.area, PAYING, "下载代发文件")


def can_answer(actor: User, bank_file: BankFile) -> Verdict:
    """Enter what the bank answered."""
    if bank_file.written_at is None:
        return denied("代发文件尚未生成，不能导入回盘。")
    return _holds(actor, bank_file.batch.area, PAYING, "导入银行回盘")


def can_correct_payee(actor: User, benefit: Benefit | Grant) -> Verdict:
    """The township's handler, who sees the household's card, or a payments clerk above the household."""
    if scope_of(actor).covers(benefit.village, *PAYEE_POSTS):
        return ALLOWED
    return denied(f"收款信息由{benefit.township.name}的经办岗或发放岗更正。")


def can_ask_for_funds(actor: User, area: Area, kind: str) -> Verdict:
    """The district's civil affairs advances the quarter; whoever pays asks for more in between (DT-8.1)."""
    if kind == FundRequestKind.ADVANCE:
        posts, county = (Post.DISTRICT_PAYMENTS,), area if area.level == AreaLevel.COUNTY else area.parent
        if scope_of(actor).covers(county, *posts):
            return ALLOWED
        return denied(f"季度预拨由{county.name}的区级发放岗申请（DT-8.1）。")
    return _holds(actor, area, PAYING, "追加拨付申请")


def is_allocated_monthly(batch: Batch) -> bool:
    """Does finance allocate each month's list before it is paid (JZ-6.1)?"""
    book = RuleBook(batch.area, batch.month)
    return batch.programme != Programme.LINSHI and book.has("payments.allocation_day")


def can_ask_for_month(actor: User, batch: Batch) -> Verdict:
    """The payments clerk of the payer, once the list has been checked."""
    if batch.state == BatchState.PREPARED:
        return denied("须先由另一人复核，才能报送用款申请。")
    return _in_state(batch, (BatchState.CHECKED,), "报送用款申请") and _holds(
        actor, batch.area, PAYING, "用款申请"
    )


def can_enter_figures(actor: User, city: Area) -> Verdict:
    """Price figures are the city's: whoever prepares or answers for the money of one of its counties
    enters or confirms them (JZ-9.1).
    """
    if any(prefix.startswith(city.prefix) for prefix in scope_of(actor).areas(*FIGURE_POSTS)):
        return ALLOWED
    return denied(f"价格指数由{city.name}所属县（市、区）的区级发放岗或区级财政岗录入和复核。")


def can_confirm_figure(actor: User, figure: PriceIndex) -> Verdict:
    """Never the person who entered it."""
    if figure.confirmed_at is not None:
        return denied("该条指数已复核。")
    if figure.entered_by_id == actor.pk:
        return denied("指数由您录入，须由另一人复核。")
    return can_enter_figures(actor, figure.area)


def can_decide_funds(actor: User, request: FundRequest) -> Verdict:
    """Amounts by civil affairs, money by finance: another person (JZ-6.1)."""
    if request.state != FundRequestState.ASKED:
        return denied(f"该申请{request.get_state_display()}，不能再次处理。")
    if not scope_of(actor).covers(request.county, Post.DISTRICT_FINANCE):
        return denied(f"用款申请由{request.county.name}的区级财政岗拨付（JZ-6.1）。")
    if request.asked_by_id == actor.pk:
        return denied("申请与拨付须由不同的人员办理（JZ-6.1）。")
    return ALLOWED


def can_keep_certificate(actor: User, benefit: Benefit) -> Verdict:
    """The township's handler gives certificates out, reviews and destroys them."""
    if scope_of(actor).covers(benefit.village, Post.HANDLER):
        return ALLOWED
    return denied(f"救助证由{benefit.township.name}的经办岗发放、年审和销毁。")


def can_record_care(actor: User, benefit: Benefit) -> Verdict:
    """The township's handler records agreements and visits of people in 分散供养 (DT-7.2, JZ-3.1)."""
    if scope_of(actor).covers(benefit.village, Post.HANDLER):
        return ALLOWED
    return denied(f"照料协议和走访由{benefit.township.name}的经办岗登记。")


def can_see_confirmation(actor: User, benefit: Benefit) -> Verdict:
    """Does the person answer for the township's agreements?"""
    if scope_of(actor).covers(benefit.village, *CARE_CONFIRMERS):
        return ALLOWED
    return denied(f"照料协议由{benefit.township.name}的审核岗或审批岗确认。")


def can_confirm_care(actor: User, benefit: Benefit, agreement: LaterAgreement) -> Verdict:
    """Once, and never the person who recorded it."""
    if agreement.confirmed_at is not None:
        return denied("该协议已确认。")
    if agreement.recorded_by_id == actor.pk:
        return denied("协议由您录入，须由另一人确认。")
    return can_see_confirmation(actor, benefit)


def can_file_proxy(actor: User, application: Application) -> Verdict:
    """The township's handler, who knows the household, files who may receive its money, and ends it."""
    if scope_of(actor).covers(application.village, Post.HANDLER):
        return ALLOWED
    return denied(f"代领协议由{application.township.name}的经办岗登记、终止。")


def can_see_consent(actor: User, application: Application) -> Verdict:
    """Does the person answer for the township's agreements?"""
    if scope_of(actor).covers(application.village, *CARE_CONFIRMERS):
        return ALLOWED
    return denied(f"代领协议由{application.township.name}的审核岗或审批岗同意。")


def can_consent(actor: User, agreement: ProxyAgreement) -> Verdict:
    """Once, before it ends, and never the person who filed it."""
    if agreement.consented_at is not None or agreement.ended_at is not None:
        return denied("该协议已同意或已终止。")
    if agreement.filed_by_id == actor.pk:
        return denied("协议由您登记，须由另一人同意。")
    return can_see_consent(actor, agreement.application)


def can_see_account(actor: User, benefit: Benefit) -> Verdict:
    """In full, with a reason: those who correct it, and the auditor."""
    if scope_of(actor).covers(benefit.village, *PAYEE_POSTS, Post.AUDITOR):
        return ALLOWED
    return denied("完整收款账号由经办岗、发放岗和监督岗凭事由查看。")


def can_propose_change(actor: User, benefit: Benefit) -> Verdict:
    """The township's handler proposes that a benefit in force changes or ends (SY-7.2)."""
    if not scope_of(actor).covers(benefit.village, Post.HANDLER):
        return denied(f"待遇变更由{benefit.township.name}的经办岗提出（SY-7.2）。")
    if benefit.ends_on is not None and benefit.ends_on <= clock.month_of(clock.today()):
        return denied(f"待遇自 {benefit.ends_on:%Y-%m} 起已停发。")
    return ALLOWED


def can_ask_hand_over(actor: User, grant: Grant) -> Verdict:
    """Whoever knows that the bank is no way here: the township's handler, or a payments clerk above."""
    if scope_of(actor).covers(grant.village, *PAYEE_POSTS):
        return ALLOWED
    return denied(f"现金、实物发放由{grant.township.name}的经办岗或发放岗登记。")


def can_decide_hand_over(actor: User, request: HandOverRequest, payer: Area) -> Verdict:
    """Who answers for the payer's money, never the person who asked."""
    if request.asked_by_id == actor.pk:
        return denied("申请由您登记，须由另一人批准。")
    return _holds(actor, payer, CHECKING, "现金、实物发放的批准")


def can_hand_over(actor: User, request: HandOverRequest, payer: Area) -> Verdict:
    """The payments clerk of the payer, who neither asked nor approved: three people (SY-5.1)."""
    if request.state != HandOverState.APPROVED:
        return denied(f"该申请{request.get_state_display()}，不能发放。")
    if actor.pk in {request.asked_by_id, request.decided_by_id}:
        return denied("登记、批准和发放须由三名不同的人员办理（SY-5.1）。")
    return _holds(actor, payer, PAYING, "现金、实物发放")
