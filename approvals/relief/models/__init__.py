"""急难先行救助: money given at once, with its moves, its two time limits and the word to the district."""

from approvals.relief.models.district import DistrictNotice
from approvals.relief.models.relief import LATE, READING, EmergencyRelief
from approvals.relief.models.trace import ReliefLimit, ReliefStep

__all__ = ["LATE", "READING", "DistrictNotice", "EmergencyRelief", "ReliefLimit", "ReliefStep"]
