from django.apps import AppConfig


class AdjustmentsConfig(AppConfig):
    name = "approvals.adjustments"
    label = "adjustments"
    verbose_name = "标准调整与试算"
