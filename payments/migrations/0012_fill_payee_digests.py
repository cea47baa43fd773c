"""The codes by which the accounts of the households that are there already are found."""

from django.db import migrations

from common.fields import lookup_digest

ROWS = 2000


def fill(apps, schema_editor):
    for name, prefixes in (("Benefit", ("payee", "care")), ("Grant", ("payee",))):
        model = apps.get_model("payments", name)
        columns = [f"{prefix}_digest" for prefix in prefixes]
        last = 0
        while rows := list(model.objects.filter(pk__gt=last).order_by("pk")[:ROWS]):
            for row in rows:
                for prefix in prefixes:
                    account = getattr(row, f"{prefix}_account") or ""
                    setattr(row, f"{prefix}_digest", lookup_digest(account, "account"))
            model.objects.bulk_update(rows, columns)
            last = rows[-1].pk


class Migration(migrations.Migration):

    dependencies = [
        ('payments', '0011_payee_digests'),
    ]

    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
