from django.apps import AppConfig


class RecheckingConfig(AppConfig):
    name = "approvals.rechecking"
    label = "rechecking"
    verbose_name = "经济复核"

    def ready(self) -> None:
        from approvals.rechecking import papers

        papers.register_papers()
