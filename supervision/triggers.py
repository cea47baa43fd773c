"""What the database itself refuses in this room: the triggers that models.py hangs on its tables."""

import pgtrigger

run_is_in_order = pgtrigger.Trigger(
    name="run_is_in_order",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert,
    func="""
        IF NEW.drawn_at < ((NEW.month + interval '1 month') AT TIME ZONE 'Asia/Shanghai') THEN
            RAISE EXCEPTION 'sampling_run: the month has not ended'
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        IF NEW.replaces_id IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM supervision_samplingrun
             WHERE id = NEW.replaces_id AND attempt = NEW.attempt - 1 AND county_id = NEW.county_id
               AND programme = NEW.programme AND month = NEW.month) THEN
            RAISE EXCEPTION 'sampling_run: a redraw follows the draw it replaces'
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    """,
)

# The last condition names everybody who had a hand in the case: such an auditor would check his own work.
review_is_recorded_once = pgtrigger.Trigger(
    name="review_is_recorded_once",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
    func="""
        IF TG_OP = 'DELETE' THEN
            RAISE EXCEPTION 'review: a drawn case stays drawn'
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        IF TG_OP = 'UPDATE' AND (OLD.state = 'done'
           OR to_jsonb(NEW) - '{state,reviewed_by_id,reviewed_at,summary}'::text[]
           <> to_jsonb(OLD) - '{state,reviewed_by_id,reviewed_at,summary}'::text[]) THEN
            RAISE EXCEPTION 'review: recorded once, never altered'
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        IF NEW.reviewed_by_id IS NOT NULL AND EXISTS (
            SELECT 1 FROM cases_application
             WHERE id = NEW.application_id AND created_by_id = NEW.reviewed_by_id
            UNION ALL SELECT 1 FROM approvals_step
             WHERE application_id = NEW.application_id AND actor_id = NEW.reviewed_by_id
            UNION ALL SELECT 1 FROM cases_economiccheck
             WHERE application_id = NEW.application_id AND entrusted_by_id = NEW.reviewed_by_id
            UNION ALL SELECT 1 FROM cases_checkreport r
              JOIN cases_economiccheck c ON c.id = r.check_entrusted_id
             WHERE c.application_id = NEW.application_id AND r.recorded_by_id = NEW.reviewed_by_id
            UNION ALL SELECT 1 FROM cases_homevisit
             WHERE application_id = NEW.application_id
               AND NEW.reviewed_by_id IN (first_visitor_id, second_visitor_id, recorded_by_id)) THEN
            RAISE EXCEPTION 'review: the auditor has handled this case'
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    """,
)

answers_belong_to_an_open_review = pgtrigger.Trigger(
    name="answers_belong_to_an_open_review",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert,
    func="""
        IF EXISTS (SELECT 1 FROM supervision_review WHERE id = NEW.review_id AND state = 'done') THEN
            RAISE EXCEPTION 'checklist: the review has been recorded'
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    """,
)

finding_goes_its_way = pgtrigger.Trigger(
    name="finding_goes_its_way",
    when=pgtrigger.Before,
    operation=pgtrigger.Update | pgtrigger.Delete,
    declare=[("moves", "TEXT[]")],
    func="""
        IF TG_OP = 'DELETE' THEN
            RAISE EXCEPTION 'finding: never removed' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        moves := '{state,answer,answered_by_id,answered_at,closing_note,closed_by_id,closed_at}';
        IF (OLD.state, NEW.state) NOT IN
               (('open', 'answered'), ('answered', 'open'), ('answered', 'closed'))
           OR to_jsonb(NEW) - moves <> to_jsonb(OLD) - moves THEN
            RAISE EXCEPTION 'finding: answered, then closed; its words stay'
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        IF NEW.closed_by_id IS NOT NULL AND EXISTS (
            SELECT 1 FROM supervision_findingevent
             WHERE finding_id = NEW.id AND move = 'answered' AND actor_id = NEW.closed_by_id) THEN
            RAISE EXCEPTION 'finding: not closed by who answered it'
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    """,
)
