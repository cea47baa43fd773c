"""What the declared facts of one programme have in common: they follow the application and then stand."""

import pgtrigger


def frozen_with_acceptance(name: str, application: str = "{row}.application_id") -> pgtrigger.Trigger:
    """Refuse every change, a late row too, once the application is accepted, as for the household.

    `application` is the SQL expression of the application that `{row}` (OLD or NEW) belongs to.
    """
    old, new = (application.format(row=row) for row in ("OLD", "NEW"))
    return pgtrigger.Trigger(
        name=f"declared_{name}_is_frozen",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        declare=[("row_application", "BIGINT")],
        func=f"""
            IF TG_OP = 'INSERT' THEN
                row_application := ({new});
            ELSE
                row_application := ({old});
            END IF;
            IF EXISTS (SELECT 1 FROM cases_application
                       WHERE id = row_application AND accepted_at IS NOT NULL) THEN
                RAISE EXCEPTION '{name}: declared facts are frozen after acceptance'
                    USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
            RETURN NEW;
        """,  # noqa: S608 - names of our own tables only
    )
