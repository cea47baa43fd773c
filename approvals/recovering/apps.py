from django.apps import AppConfig


class RecoveringConfig(AppConfig):
    name = "approvals.recovering"
    label = "recovering"
    verbose_name = "追缴"

    def ready(self) -> None:
        from approvals.recovering.papers import register_papers
        from approvals.recovering.services import on_served
        from approvals.serving import SERVED

        register_papers()
        SERVED.append(on_served)
