from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('payments', '0012_fill_payee_digests'),
    ]

    operations = [
        migrations.AddConstraint(
            model_name='benefit',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(models.Q(('payee_account__isnull', True), ('payee_digest', '')), models.Q(('payee_account__isnull', False), models.Q(('payee_digest', ''), _negated=True)), _connector='OR'), models.Q(models.Q(('care_account__isnull', True), ('care_digest', '')), models.Q(('care_account__isnull', False), models.Q(('care_digest', ''), _negated=True)), _connector='OR')), name='benefit_account_can_be_found'),
        ),
        migrations.AddConstraint(
            model_name='grant',
            constraint=models.CheckConstraint(condition=models.Q(('payee_digest', ''), _negated=True), name='grant_account_can_be_found'),
        ),
    ]
