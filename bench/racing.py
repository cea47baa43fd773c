"""Writers who do what they like with the money of one township at once, and somebody who looks meanwhile."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from io import BytesIO
from random import Random

from django.db import IntegrityError, OperationalError, connection

from bench.looking import look
from common import clock
from common.errors import Refused
from organisations.enums import Post
from organisations.models import User
from payments import services
from payments.demo_bank import answer_to
from payments.enums import FundRequestState
from payments.models import BankFile, Batch, Benefit, FundRequest
from payments.services.payouts import not_listed
from tests.cases.builders import person_with
from tests.payments import builders

AMOUNTS = [Decimal(text) for text in ("0.01", "200.00", "585.00", "1410.50")]
WEIGHTS = {
    "prepare": 14,
    "check": 12,
    "seal": 12,
    "make_file": 10,
    "answer": 12,
    "pay_again": 5,
    "give_back": 3,
    "approve": 4,
    "revise": 12,
    "stop": 2,
    "grant": 4,
    "list_grants": 4,
    "take_out": 1,
    "ask": 2,
    "allocate": 3,
    "relieve": 4,
}


@dataclass
class Race:
    """`n` operations by so many writers, each drawn at random, with its month and its household."""

    seed: int
    n: int
    n_writers: int = 8
    did: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)
    n_looks: int = 0
    n_begun: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self, clock_hand) -> float:
        """Seconds that it took. `clock_hand` moves the time: a month after every so many operations."""
        self.clock_hand = clock_hand
        self.payer = builders.town()
        self.finance = person_with(Post.DISTRICT_FINANCE, self.payer.area.parent)
        self.start = clock.today()
        for n in range(6):
            make = builders.tekun if n % 2 else builders.benefit
            make(self.payer.villages[0])
        started, over = time.perf_counter(), threading.Event()
        writers = [threading.Thread(target=self._write, args=(n,)) for n in range(self.n_writers)]
        reader = threading.Thread(target=self._read, args=(over,))
        for thread in (*writers, reader):
            thread.start()
        for thread in writers:
            thread.join()
        over.set()
        reader.join()
        return time.perf_counter() - started

    def _read(self, over: threading.Event) -> None:
        try:
            while not self.broken:
                last = over.is_set()
                self.broken += [f"{name}：{n}" for name, n in look().items()]
                self.n_looks += 1
                if last:
                    return
        finally:
            connection.close()

    def _write(self, number: int) -> None:
        random = Random(f"{self.seed}:{number}")
        try:
            while self._begin():
                name = random.choices(list(WEIGHTS), WEIGHTS.values())[0]
                outcome = self._try(Operations(self, random), name)
                with self._lock:
                    self.did[f"{name} {outcome}"] += 1
        finally:
            connection.close()

    def _begin(self) -> bool:
        with self._lock:
            self.n_begun += 1
            month = clock.add_months(self.start, self.n_begun // 250)
            if self.n_begun % 250 == 0:
                self.clock_hand.move_to(dt.datetime.combine(month, dt.time(9), dt.UTC))
            return self.n_begun <= self.n and not self.broken

    def _try(self, operations: Operations, name: str) -> str:
        """How it went; what nobody expects is a break too."""
        try:
            return "成功" if getattr(operations, name)() else "无事可做"
        except Refused:
            return "拒绝"
        except IntegrityError:
            return "数据库拒绝"
        except OperationalError as error:
            return "死锁" if "deadlock" in str(error) else str(error)
        except Exception as error:
            self.broken.append(f"{name}: {error!r}")
            return "出错"


class Operations:
    """One operation of each kind. False: there was nothing to do it to."""

    def __init__(self, race: Race, random: Random) -> None:
        self.race, self.payer, self.random = race, race.payer, random

    def _month(self) -> dt.date:
        return clock.add_months(clock.today(), -self.random.randrange(3))

    def _any(self, rows):
        keys = list(rows.order_by("pk").values_list("pk", flat=True))
        return rows.filter(pk=self.random.choice(keys)).first() if keys else None

    def _to_batch(self, state: str, act) -> bool:
        """Mostly to one that is ready for it."""
        ready = Batch.objects.filter(state=state) if self.random.random() < 0.8 else Batch.objects.all()
        batch = self._any(ready)
        return batch is not None and bool(act(batch))

    def prepare(self) -> bool:
        programme = self.random.choice(["dibao", "tekun"])
        area, clerk = self.payer.area, self.random.choice([self.payer.clerk, self.payer.other])
        return bool(services.prepare_month(area=area, programme=programme, month=self._month(), actor=clerk))

    def check(self) -> bool:
        return self._to_batch("prepared", lambda b: services.check_batch(batch=b, actor=self.payer.checker))

    def seal(self) -> bool:
        return self._to_batch(
            "checked", lambda b: services.seal_batch(batch=b, actor=self.payer.clerk, reason="急用")
        )

    def give_back(self) -> bool:
        return self._to_batch(
            "checked", lambda b: services.return_batch(batch=b, reason="有误", actor=self.payer.checker)
        )

    def make_file(self) -> bool:
        return self._to_batch("sealed", lambda b: services.make_bank_files(batch=b, actor=self.payer.clerk))

    def pay_again(self) -> bool:
        return self._to_batch("sent", lambda b: services.retry_failed(batch=b, actor=self.payer.other))

    def answer(self) -> bool:
        """One in four lines has failed."""
        file = self._any(BankFile.objects.filter(transfers__result="pending").distinct())
        if file is None:
            return False
        lines = file.transfers.values_list("line", flat=True)
        failures = {line: "账户状态异常" for line in lines if self.random.random() < 0.25}
        content = answer_to(file, paid_on=clock.today(), failures=failures)
        services.import_answer(bank_file=file, upload=BytesIO(content), actor=self.payer.clerk)
        return True

    def approve(self) -> bool:
        """Another household comes into receipt, perhaps for months that are closed already."""
        application = builders.application(self.payer.villages[0])
        services.open_benefit(
            application=application,
            monthly=self.random.choice(AMOUNTS),
            starts_on=clock.month_of(self._month()),
            lines=[],
            rule_ids=[],
            reason="符合规定",
            decided_by=builders.decider(),
        )
        return True

    def revise(self) -> bool:
        benefit = self._any(Benefit.objects.all())
        care = self.random.choice([Decimal(0), *AMOUNTS]) if benefit.care_account else Decimal(0)
        services.revise_benefit(
            benefit=benefit,
            monthly=self.random.choice(AMOUNTS) + care,
            care_fee=care,
            valid_from=clock.month_of(self._month()),
            lines=[],
            rule_ids=[],
            reason="标准调整",
            source="",
            decided_by=builders.decider(),
        )
        return True

    def stop(self) -> bool:
        benefit = self._any(Benefit.objects.filter(ends_on__isnull=True))
        month = clock.month_of(self._month())
        return benefit is not None and bool(
            services.end_benefit(benefit=benefit, ends_on=month, reason="死亡", source="race")
        )

    def grant(self) -> bool:
        return bool(
            builders.granted(self.payer.villages[0], "300.00", "200.01"[: self.random.choice([6, 3])])
        )

    def list_grants(self) -> bool:
        waiting = list(not_listed().order_by("pk").values_list("pk", flat=True)[:5])
        return bool(waiting) and bool(services.prepare_payout(instalments=waiting, actor=self.payer.clerk))

    def take_out(self) -> bool:
        batch = self._any(Batch.objects.filter(programme="linshi", state="prepared"))
        payment = batch.payments.first() if batch is not None else None
        return payment is not None and bool(services.take_out(payment=payment, actor=self.payer.clerk))

    def ask(self) -> bool:
        purpose = self.random.choice(["linshi", "linshi", "dibao", "tekun"])
        asked = {"area": self.payer.area, "purpose": purpose, "kind": "top_up", "reason": "用款"}
        return bool(services.ask_for_funds(**asked, amount=Decimal("30000.00"), actor=self.payer.clerk))

    def allocate(self) -> bool:
        request = self._any(FundRequest.objects.filter(state=FundRequestState.ASKED))
        return request is not None and bool(services.allocate_funds(request=request, actor=self.finance))

    @property
    def finance(self) -> User:
        return self.race.finance

    def relieve(self) -> bool:
        given = {"township": self.payer.area, "amount": Decimal("12.34"), "note": "急难", "reason": "火灾"}
        return bool(services.pay_from_reserve(**given, actor=self.payer.clerk))
