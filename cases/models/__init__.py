"""What is known about people who ask for help."""

from cases.models.application import (
    Application,
    Attachment,
    DiscardedNumber,
    Material,
    MaterialsNotice,
    NumberSequence,
)
from cases.models.investigation import CheckReport, EconomicCheck, HomeVisit, VisitFinding
from cases.models.people import Household, IncomeItem, Member, Person, PersonCorrection

__all__ = [
    "Application",
    "Attachment",
    "CheckReport",
    "DiscardedNumber",
    "EconomicCheck",
    "HomeVisit",
    "Household",
    "IncomeItem",
    "Material",
    "MaterialsNotice",
    "Member",
    "NumberSequence",
    "Person",
    "PersonCorrection",
    "VisitFinding",
]
