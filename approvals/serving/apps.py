from django.apps import AppConfig


class ServingConfig(AppConfig):
    name = "approvals.serving"
    label = "serving"
    verbose_name = "文书送达"
