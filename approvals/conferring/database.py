"""What the database itself refuses about collective decisions, whoever writes them."""

from __future__ import annotations

import pgtrigger
from django.db.models import F, Q

from approvals.conferring.enums import Conclusion

_REFUSED = "USING ERRCODE = 'integrity_constraint_violation'"


def votes_are_those_of_the_voters() -> Q:
    """Everybody present votes once, but for the recused."""
    return Q(n_present=F("n_for") + F("n_against") + F("n_abstained") + F("n_recused"))


def conclusion_follows_the_votes() -> Q:
    """More than half of the voters agree, or it is against; either takes as many voters as the rules ask."""
    against = F("n_against") + F("n_abstained")
    enough = Q(n_present__gte=F("min_people") + F("n_recused"))
    agreed = Q(conclusion=Conclusion.APPROVED, n_for__gt=against) & enough
    refused = Q(conclusion=Conclusion.REFUSED, n_for__lte=against) & enough
    return agreed | refused | Q(conclusion=Conclusion.DEFERRED)


def item_is_of_its_case() -> pgtrigger.Trigger:
    """The opinion that was conferred on is that of the case in this round, after it was signed, in the
    township of the meeting; and as many were there as the meeting has members.
    """
    return pgtrigger.Trigger(
        name="item_is_of_its_case",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        func=f"""
            IF NOT EXISTS (
                SELECT FROM approvals_proposal p
                  JOIN cases_application a ON a.id = p.application_id
                   AND a.investigation_round = p.investigation_round
                  JOIN conferring_jointmeeting m ON m.id = NEW.meeting_id AND m.township_id = a.township_id
                 WHERE p.id = NEW.proposal_id AND p.application_id = NEW.application_id
                   AND p.at <= m.held_at AND m.n_present = NEW.n_present) THEN
                RAISE EXCEPTION 'item: not the opinion of its case, or not the meeting of its township'
                    {_REFUSED};
            END IF;
            RETURN NEW;
        """,  # noqa: S608 - a phrase of our own only
    )


def decision_follows_the_meeting() -> pgtrigger.Trigger:
    """On `Decision`: where the township decides collectively (JZ-5.1), what it decided is what is signed."""
    return pgtrigger.Trigger(
        name="decision_follows_the_meeting",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        func=f"""
            IF EXISTS (
                SELECT FROM approvals_proposal p
                  JOIN cases_application a ON a.id = p.application_id
                   AND a.investigation_round = p.investigation_round
                 WHERE p.application_id = NEW.application_id AND p.meeting_due
                   AND NOT EXISTS (SELECT FROM conferring_jointitem i
                                   WHERE i.proposal_id = p.id AND i.conclusion = NEW.outcome)) THEN
                RAISE EXCEPTION 'decision: not what the joint meeting decided' {_REFUSED};
            END IF;
            RETURN NEW;
        """,  # noqa: S608 - a phrase of our own only
    )
