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
from cases.models.linshi import LinshiInstalment, LinshiRequest
from cases.models.people import Household, IncomeItem, Member, Person, PersonCorrection
from cases.models.tekun import CareAgreement, SelfCareAssessment, TekunDeclaration

__all__ = [
    "Application",
    "Attachment",
    "CareAgreement",
    "CheckReport",
    "DiscardedNumber",
    "EconomicCheck",
    "HomeVisit",
    "Household",
    "IncomeItem",
    "LinshiInstalment",
    "LinshiRequest",
    "Material",
    "MaterialsNotice",
    "Member",
    "NumberSequence",
    "Person",
    "PersonCorrection",
    "SelfCareAssessment",
    "TekunDeclaration",
    "VisitFinding",
]
