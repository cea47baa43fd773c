from django.apps import AppConfig


class ReliefConfig(AppConfig):
    name = "approvals.relief"
    label = "relief"
    verbose_name = "急难先行救助"
