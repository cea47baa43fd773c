"""What is known about a household, as the means test sees it: frozen, without names unless a label is given.

Amounts are yuan a month; dates are arguments, so that a decision of 2023 replays in 2030.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

ZERO = Decimal("0.00")

INCOME_LABELS = {
    "wage": "工资性收入",
    "business": "经营净收入",
    "property": "财产净收入",
    "transfer": "转移净收入",
    "other": "其他收入",
}
EXCLUSION_LABELS = {
    "religious_3y": "宗教教职人员脱离家庭独立生活满三年",
    "prison": "在监狱服刑",
    "compulsory_rehab": "强制隔离戒毒",
    "declared_missing": "宣告失踪",
    "left_3y": "出走或失联满三年",
}
RELATION_LABELS = {
    "self": "本人",
    "spouse": "配偶",
    "minor_child": "未成年子女",
    "dependent_adult_child": "不能独立生活的成年子女",
    "parent": "父母",
    "other_supported": "其他有法定赡养、扶养、抚养关系的成员",
}
DISABILITY_LABELS = {
    "vision": "视力",
    "hearing": "听力",
    "speech": "言语",
    "physical": "肢体",
    "intellectual": "智力",
    "mental": "精神",
    "multiple": "多重",
}
SUPPORTER_LABELS = {
    "none": "无法定赡养、抚养、扶养义务人",
    "unable": "法定义务人无履行义务能力",
    "able": "有法定义务人且有履行义务能力",
}
LINSHI_KIND_LABELS = {"expenditure": "支出型", "emergency": "急难型"}
LINSHI_CAUSE_LABELS = {
    "medical": "医疗",
    "education": "教育",
    "accident": "意外事件",
    "disaster": "灾害",
    "other": "其他",
}
RELATIONS, DISABILITY_KINDS = tuple(RELATION_LABELS), tuple(DISABILITY_LABELS)
PURPOSES = ("application", "recheck")
SUPPORTERS = tuple(SUPPORTER_LABELS)
PLACEMENTS = ("institution", "home")
LINSHI_KINDS, LINSHI_CAUSES = tuple(LINSHI_KIND_LABELS), tuple(LINSHI_CAUSE_LABELS)
# 自主吃饭、穿衣、上下床、如厕、室内行走、洗澡 (DT-2.2).
SELF_CARE_INDICATORS = 6


@dataclass(frozen=True, slots=True)
class IncomeFact:
    """One source of income; `kind` as in the interface (`wage`, `business` …), or of exempt income."""

    kind: str
    monthly: Decimal


@dataclass(frozen=True, slots=True)
class Disability:
    kind: str
    grade: int


@dataclass(frozen=True, slots=True)
class MemberFacts:
    """One person of the register. `key` is the name in the answer, `label` (else the key) in the lines."""

    key: str
    relation: str
    birth_date: date
    co_living: bool = True
    excluded: str = ""
    disability: Disability | None = None
    severe_illness: bool = False
    income: tuple[IncomeFact, ...] = ()
    exempt_income: tuple[IncomeFact, ...] = ()
    employment_cost: Decimal = ZERO
    label: str = ""

    @property
    def counted(self) -> bool:
        """Counts as a head and with income: lives with the household and is not excluded (L57-7)."""
        return self.co_living and not self.excluded

    @property
    def called(self) -> str:
        return self.label or self.key


@dataclass(frozen=True, slots=True)
class Assets:
    """What the household owns together; `deposits` are all monetary assets."""

    deposits: Decimal = ZERO
    vehicles: int = 0
    non_residential_houses: int = 0
    registered_capital: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class LinshiFacts:
    """One request for 临时救助. `requested`: yuan; `residual_medical`: yuan left after all insurance, None
    where nobody said; `proposed`: what the office means to give, where it has said so.
    """

    kind: str
    cause: str
    requested: Decimal
    residual_medical: Decimal | None = None
    repeat_same_cause: bool = False
    proposed: Decimal | None = None

    @property
    def at_stake(self) -> Decimal:
        """What is decided about: the amount proposed, else the one asked for."""
        return self.requested if self.proposed is None else self.proposed


@dataclass(frozen=True, slots=True)
class TekunFacts:
    """What decides about 特困. `self_care_failed`: how many of the six indicators the person fails."""

    no_work_ability: bool
    no_income: bool
    supporter: str
    self_care_failed: int
    placement: str


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything the test of one programme needs. `standards`: a what-if that overrides the rule tables.

    `current_monthly`: what the household receives now, where a benefit in force is checked again.
    """

    programme: str
    on: date
    members: tuple[MemberFacts, ...]
    assets: Assets | None = None
    rigid_expenditure_monthly: Decimal = ZERO
    purpose: str = "application"
    standards: Mapping[str, Decimal] = field(default_factory=dict)
    linshi: LinshiFacts | None = None
    tekun: TekunFacts | None = None
    current_monthly: Decimal | None = None

    @property
    def counted(self) -> tuple[MemberFacts, ...]:
        return tuple(member for member in self.members if member.counted)
