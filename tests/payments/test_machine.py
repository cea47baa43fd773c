"""The money of a township against a model of it in plain Python: what may be done, every line, every fen."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from io import BytesIO
from random import Random

import pytest
from django.db.models import Sum

from cases.enums import Programme
from common import clock as house_clock
from common.append_only import broken_links
from payments import services
from payments.demo_bank import answer_to
from payments.models import BankFile, Batch, Benefit, BenefitRevision, Entry, Leg, Payment, Transfer
from tests.conftest import BEIJING
from tests.machines import IN_FULL, as_at_commit, done, in_parts, many_lives
from tests.payments import builders
from tests.payments.money_model import MONTHS, OPEN, Key, Money

PERSONS = 3
WAY = {"prepared": "check", "checked": "seal", "sealed": "send"}
BASIC = [Decimal(text) for text in ("1410.50", "1000.01", "700.00", "0.03", "0.01")]
CARE = [Decimal(text) for text in ("0.00", "912.00", "498.00", "200.00", "0.01")]


def _whom(random: Random) -> tuple:
    return random.randrange(PERSONS), random.randrange(-4, 2), random.choice(BASIC), random.choice(CARE)


def _list(random: Random) -> tuple:
    return (random.randrange(-2, 1),)


# Mostly what fits, so that months pass; the rest is anything at any time.
ACTIONS = {
    "onward": (40, lambda random: (random.randrange(8),)),
    "revise": (16, _whom),
    "end": (1, lambda random: (random.randrange(PERSONS), random.randrange(-2, 2))),
    "open": (2, lambda random: _whom(random)[1:]),
    "prepare": (4, _list),
    "check": (3, _list),
    "give_back": (2, _list),
    "seal": (2, _list),
    "send": (3, _list),
    "pay_again": (3, _list),
    "answer": (4, lambda random: (*_list(random), random.randrange(64))),
    "next_month": (2, lambda random: ()),
}


class Player:
    """Does everything twice: in the model, which says whether it may be done, and by the real services."""

    def __init__(self, payer: builders.Payer, clock, applications) -> None:
        self.payer, self.clock, self.applications = payer, clock, applications
        self.programme = applications[0].programme
        self.model = Money()
        self.benefits: list[Benefit] = []
        self.at = 0
        self.move_to(0)

    def move_to(self, at: int) -> None:
        self.at = at
        self.clock.move_to(dt.datetime.combine(MONTHS[at], dt.time(9), BEIJING) + dt.timedelta(days=1))

    def month(self, shift: int) -> dt.date:
        return MONTHS[min(max(self.at + shift, 0), len(MONTHS) - 1)]

    def act(self, name: str, *arguments) -> bool:
        return getattr(self, name)(*arguments)

    def same(self, may: bool, act: Callable[[], object]) -> bool:
        """System and model allow and refuse the same."""
        was_done = done(act)
        assert was_done == may
        return was_done

    # ---- the register

    def open(self, shift: int, basic: Decimal, care: Decimal) -> bool:
        if len(self.benefits) == PERSONS:
            return False
        application, month = self.applications[len(self.benefits)], self.month(shift)
        parts = self.parts(basic, care)
        benefit = services.open_benefit(
            application=application,
            monthly=sum(parts.values()),
            care_fee=parts.get("care"),
            starts_on=month,
            lines=[],
            rule_ids=[],
            reason="符合规定",
            decided_by=builders.decider(),
        )
        self.benefits.append(benefit)
        return self.model.open(benefit.pk, month, parts)

    def parts(self, basic: Decimal, care: Decimal) -> dict[str, Decimal]:
        if self.programme == Programme.TEKUN:
            return {"regular": basic, "care": care}
        return {"regular": basic}

    def revise(self, who: int, shift: int, basic: Decimal, care: Decimal) -> bool:
        if who >= len(self.benefits):
            return False
        benefit, month, parts = self.benefits[who], self.month(shift), self.parts(basic, care)

        def act() -> None:
            services.revise_benefit(
                benefit=benefit,
                monthly=sum(parts.values()),
                care_fee=parts.get("care", Decimal(0)),
                valid_from=month,
                lines=[],
                rule_ids=[],
                reason="标准调整",
                source="",
                decided_by=builders.decider(),
            )

        return self.same(self.model.revise(benefit.pk, month, parts), act)

    def end(self, who: int, shift: int) -> bool:
        if who >= len(self.benefits):
            return False
        benefit, month = self.benefits[who], self.month(shift)
        may = self.model.end(benefit.pk, month)
        return self.same(
            may,
            lambda: services.end_benefit(benefit=benefit, ends_on=month, reason="死亡", source="test"),
        )

    # ---- the lists

    def prepare(self, shift: int) -> bool:
        month, payer = self.month(shift), self.payer
        return self.same(
            self.model.prepare(month),
            lambda: services.prepare_month(
                area=payer.area, programme=self.programme, month=month, actor=payer.clerk
            ),
        )

    def listed(self, name: str, shift: int, act: Callable[[Batch], object]) -> bool:
        month = self.month(shift)
        may = getattr(self.model, name)(month)
        batch = Batch.objects.filter(month=month).first()
        return self.same(may, lambda: act(batch)) if batch is not None else may

    def check(self, shift: int) -> bool:
        checker = self.payer.checker
        return self.listed("check", shift, lambda b: services.check_batch(batch=b, actor=checker))

    def give_back(self, shift: int) -> bool:
        checker = self.payer.checker
        return self.listed(
            "give_back", shift, lambda b: services.return_batch(batch=b, reason="有误", actor=checker)
        )

    def seal(self, shift: int) -> bool:
        return self.listed("seal", shift, lambda b: services.seal_batch(batch=b, actor=self.payer.clerk))

    def send(self, shift: int) -> bool:
        return self.listed("send", shift, lambda b: services.make_bank_files(batch=b, actor=self.payer.clerk))

    def pay_again(self, shift: int) -> bool:
        return self.listed(
            "pay_again", shift, lambda b: services.retry_failed(batch=b, actor=self.payer.clerk)
        )

    def answer(self, shift: int, mask: int) -> bool:
        """The bank answers all that is with it; the lines of the mask have failed."""
        month, failed = self.month(shift), set()
        files = BankFile.objects.filter(batch__month=month, answers__isnull=True)
        for file in files:
            failures = {}
            for transfer in file.transfers.select_related("payment"):
                if mask >> (transfer.line - 1) & 1:
                    failures[transfer.line] = "账户状态异常"
                    failed.add(key_of(transfer.payment))
            content = answer_to(file, paid_on=house_clock.today(), failures=failures)
            services.import_answer(bank_file=file, upload=BytesIO(content), actor=self.payer.clerk)
        return self.model.answer(month, failed)

    # ---- time

    def next_month(self) -> bool:
        if self.at + 1 < len(MONTHS):
            self.move_to(self.at + 1)
        return True

    def onward(self, n: int) -> bool:
        """What comes next in the month; sometimes lines fail, and some lists go to the bank only later."""
        month = self.month(0)
        listed = self.model.lists.get(month)
        if listed is None or (listed.state in OPEN and self.model.stale(month)):
            return self.give_back(0) or self.prepare(0) or self.next_month()
        if "pending" in listed.bank.values():
            return self.answer(0, 5 if n == 7 else 0)
        if "failed" in listed.bank.values():
            return self.pay_again(0)
        if listed.state in WAY and not (listed.state == "sealed" and n > 5):
            return getattr(self, WAY[listed.state])(0)
        return self.next_month()


def key_of(payment: Payment) -> Key:
    return payment.benefit_id, payment.month, payment.kind


def check(player: Player) -> None:
    """The system holds what the model holds."""
    revisions = list(BenefitRevision.objects.order_by("pk").values_list("pk", flat=True))
    number = {pk: n for n, pk in enumerate(revisions, 1)}
    lines = {
        (payment.batch.month, key_of(payment)): (number[payment.revision_id], payment.amount)
        for payment in Payment.objects.select_related("batch")
    }
    model = player.model
    assert lines == {(m, key): worth for m, one in model.lists.items() for key, worth in one.lines.items()}
    check_bank(model)
    books = dict(Leg.objects.order_by().values_list("account").annotate(Sum("amount")))
    assert {name: yuan for name, yuan in books.items() if yuan} == {
        name: yuan for name, yuan in model.books().items() if yuan
    }
    assert sum(books.values()) == 0
    states = dict(Batch.objects.values_list("month", "state"))
    assert states == {month: one.state for month, one in model.lists.items()}


def check_bank(model: Money) -> None:
    """Nobody is paid twice or while an attempt is under way, and to the fen what is due."""
    last: dict[tuple[dt.date, Key], str] = {}
    for transfer in Transfer.objects.select_related("payment__batch").order_by("pk"):
        month, key = transfer.payment.batch.month, key_of(transfer.payment)
        assert last.get((month, key), "failed") == "failed"
        assert transfer.amount == model.to_bank(month, key)
        last[month, key] = transfer.result
    assert last == {(month, key): how for month, one in model.lists.items() for key, how in one.bank.items()}


@pytest.fixture
def applications(db, clock):
    """Persons in 特困, with the agreement for their care, and households of 低保; each not yet in receipt."""
    payer = builders.town()
    village, found = payer.villages[0], {}
    for programme in (Programme.TEKUN, Programme.DIBAO):
        cases = [builders.application(village, programme=programme) for _ in range(PERSONS)]
        found[programme] = cases
    for case in found[Programme.TEKUN]:
        with builders.pgtrigger.ignore("cases.CareAgreement:care_agreement_before_decision"):
            builders.agree_on_care(case)
    return payer, found


@pytest.mark.clause("JZ-12.2")
@pytest.mark.clause("DT-7.2")
@in_parts
def test_the_system_pays_what_the_model_pays(applications, clock, part) -> None:
    payer, cases = applications
    reached: Counter[str] = Counter()

    def live(actions, random) -> None:
        player = Player(payer, clock, cases[random.choice([Programme.TEKUN] * 3 + [Programme.DIBAO])])
        for n in range(PERSONS - 1):
            player.open(0, BASIC[n], CARE[n + 1])
        for name, *arguments in actions:
            if player.act(name, *arguments):
                reached[name] += 1
                check(player)
                as_at_commit()
        reached.update(Payment.objects.values_list("kind", flat=True))
        reached.update(Transfer.objects.values_list("result", flat=True))
        reached["paid again"] += Transfer.objects.filter(bank_file__run__gt=1, result="paid").count()
        assert broken_links(Entry) == []

    many_lives(live, ACTIONS, steps=800, length=100)
    # It got far, or it would prove little.
    kinds = {"regular", "care", "correction", "care_fix"}
    assert {"revise", "end", "open", "give_back", "failed", "paid again"} | kinds <= set(+reached) or IN_FULL
