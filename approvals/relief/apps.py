from django.apps import AppConfig


class ReliefConfig(AppConfig):
    name = "approvals.relief"
    label = "relief"
    verbose_name = "急难先行救助"

    def ready(self) -> None:
        from approvals.relief.papers import register_papers

        register_papers()
