from django.db import models

from cases.enums import Programme


class PaymentKind(models.TextChoices):
    """What a line is: the monthly amount (of 特困 without the care fee), the care fee of 特困, one instalment
    of 临时救助, one person's price subsidy, or a correction of one of them (but for 临时救助), which goes to
    whoever gets what it corrects.
    """

    REGULAR = "regular", "按月发放"
    CARE = "care", "照料护理费"
    INSTALMENT = "instalment", "临时救助"
    PRICE = "price", "价格补贴"
    CORRECTION = "correction", "更正"
    CARE_CORRECTION = "care_fix", "照料护理费更正"
    PRICE_CORRECTION = "price_fix", "价格补贴补差"


# Lines that are paid by themselves; only a correction names what it corrects.
UNSIGNED = (PaymentKind.REGULAR, PaymentKind.CARE, PaymentKind.INSTALMENT, PaymentKind.PRICE)
# Of these a household has one a month; the price subsidy has one a person.
ONE_A_HOUSEHOLD = (PaymentKind.REGULAR, PaymentKind.CARE, PaymentKind.INSTALMENT)
# What was paid by a figure that proved too high stays with the people; of the others a part is taken back.
CAN_TAKE_BACK = (PaymentKind.CORRECTION, PaymentKind.CARE_CORRECTION)
CORRECTIONS = (*CAN_TAKE_BACK, PaymentKind.PRICE_CORRECTION)
OF_PRICE = (PaymentKind.PRICE, PaymentKind.PRICE_CORRECTION)
# Lines that go to the institution or carer.
OF_CARE = (PaymentKind.CARE, PaymentKind.CARE_CORRECTION)


class PaidProgramme(models.TextChoices):
    """What a list pays: a programme, or the price subsidy of people in several of them."""

    DIBAO = Programme.DIBAO.value, Programme.DIBAO.label
    DIBIAN = Programme.DIBIAN.value, Programme.DIBIAN.label
    TEKUN = Programme.TEKUN.value, Programme.TEKUN.label
    LINSHI = Programme.LINSHI.value, Programme.LINSHI.label
    PRICE_SUBSIDY = "price_subsidy", "价格临时补贴"

    @property
    def short(self) -> str:
        """What colleagues say, for narrow columns."""
        return "价格补贴" if self == PaidProgramme.PRICE_SUBSIDY else Programme(self.value).short


# Paid whenever it is due, by as many lists a month as needed.
SEVERAL_LISTS = (PaidProgramme.LINSHI, PaidProgramme.PRICE_SUBSIDY)


class PayeeRelation(models.TextChoices):
    """Who holds the account that the money of a household goes to, as somebody has established."""

    SELF = "self", "本人"
    MEMBER = "member", "共同生活的家庭成员"
    RELATIVE = "relative", "不共同生活的近亲属"
    PROXY = "proxy", "监护人或书面委托的代领人"
    INSTITUTION = "institution", "供养服务机构"


# Those outside the household whose account may serve several of them.
RECORDED_OUTSIDERS = (PayeeRelation.RELATIVE, PayeeRelation.PROXY, PayeeRelation.INSTITUTION)


class BatchState(models.TextChoices):
    PREPARED = "prepared", "已编制"
    CHECKED = "checked", "已复核"
    SEALED = "sealed", "已封账"
    SENT = "sent", "已报送银行"
    SETTLED = "settled", "已对账"


class BatchAction(models.TextChoices):
    PREPARED = "prepared", "编制名册"
    CHECKED = "checked", "复核通过"
    RETURNED = "returned", "退回编制"
    SEALED = "sealed", "封账"
    FILE_MADE = "file_made", "生成代发文件"
    ANSWERED = "answered", "导入银行回盘"
    SETTLED = "settled", "对账完成"


class TransferResult(models.TextChoices):
    PENDING = "pending", "待银行回复"
    PAID = "paid", "发放成功"
    FAILED = "failed", "发放失败"


class LedgerAccount(models.TextChoices):
    """Where money stands. Debit is positive, credit negative; each entry sums to 0."""

    BUDGET = "budget", "救助资金"
    FUND = "fund", "在手资金"
    PAYABLE = "payable", "应付救助金"
    IN_BANK = "in_bank", "银行在途"
    PAID = "paid", "已发放"


class EntryKind(models.TextChoices):
    """Why money moved: the batch was sealed, a file went to the bank, the bank answered; a fund was filled or
    paid out of without a batch.
    """

    SEALED = "sealed", "封账计提"
    SENT = "sent", "报送银行"
    ANSWERED = "answered", "银行回盘"
    FUND = "fund", "资金收付"


class FundPurpose(models.TextChoices):
    """What money is earmarked for."""

    DIBAO = "dibao", "低保"
    TEKUN = "tekun", "特困供养"
    LINSHI = "linshi", "临时救助（含备用金）"
    PRICE_SUBSIDY = "price_subsidy", "价格临时补贴"


class FundRequestKind(models.TextChoices):
    """The quarterly advance of the district (DT-8.1), what a month's list costs (JZ-6.1), or what is asked
    for in between.
    """

    ADVANCE = "advance", "季度预拨"
    MONTH = "month", "当月用款"
    TOP_UP = "top_up", "追加拨付"


class FundRequestState(models.TextChoices):
    ASKED = "asked", "待财政拨付"
    ALLOCATED = "allocated", "已拨付"
    REFUSED = "refused", "未予拨付"
    WITHDRAWN = "withdrawn", "已撤回"


class FundMoveKind(models.TextChoices):
    """Why a balance changed: finance filled it, a batch was sealed, somebody was helped at once, cash or
    goods were handed over, what was overpaid came back.
    """

    ALLOCATED = "allocated", "财政拨付"
    PAID = "paid", "发放支出"
    RELIEF = "relief", "急难先行救助"
    HANDED = "handed", "现金实物发放"
    RECOVERED = "recovered", "追缴收回"


class HandOverKind(models.TextChoices):
    """What is handed over instead of a payment by bank; the codes of the rule `linshi.hand_over`."""

    CASH = "cash", "现金"
    GOODS = "goods", "实物"


class HandOverState(models.TextChoices):
    """Where the request to hand over stands; that it was done says the `HandOver` itself."""

    ASKED = "asked", "待批准"
    APPROVED = "approved", "已批准"
    REFUSED = "refused", "未批准"


# A request that may still lead to money in somebody's hand: the bank does not pay beside it.
OPEN_REQUESTS = (HandOverState.ASKED, HandOverState.APPROVED)


class DebtState(models.TextChoices):
    """Where the money of a recovery stands: claimed while people are heard, owed until nothing is open."""

    CLAIMED = "claimed", "认定中"
    OWED = "owed", "应追缴"
    SETTLED = "settled", "已结清"
    RELEASED = "released", "不予追缴"


class RepaymentWay(models.TextChoices):
    """How money comes back: the bank still finds it on the account, or the family pays it in."""

    BANK = "bank", "银行退回"
    FAMILY = "family", "家属（本人）缴回"


class WaiverGround(models.TextChoices):
    SMALL = "small", "余额低于免追限额"
    HARDSHIP = "hardship", "生活困难无力缴回"


class CareFinding(models.TextChoices):
    """What a visit to a person in 分散供养 found."""

    GOOD = "good", "照料到位"
    LACKING = "lacking", "照料不到位"
    ENDED = "ended", "照料已终止（须另签协议）"
