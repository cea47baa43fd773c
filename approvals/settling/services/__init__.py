"""Every write of 一事一议 beside the moves of the application."""

from approvals.settling.services.appraising import record_appraisal
from approvals.settling.services.determining import Given, determine, weigh
from approvals.settling.services.following import (
    acknowledge,
    confirm,
    end_of_benefit,
    feed_back,
    file,
    recheck,
    validity_of,
)
from approvals.settling.services.lapsing import lapse
from approvals.settling.services.referring import open_settlement
from approvals.settling.services.renewing import renew

__all__ = [
    "Given",
    "acknowledge",
    "confirm",
    "determine",
    "end_of_benefit",
    "feed_back",
    "file",
    "lapse",
    "open_settlement",
    "recheck",
    "record_appraisal",
    "renew",
    "validity_of",
    "weigh",
]
