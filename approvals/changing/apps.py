from django.apps import AppConfig


class ChangingConfig(AppConfig):
    name = "approvals.changing"
    label = "changing"
    verbose_name = "待遇变更"

    def ready(self) -> None:
        from approvals.changing.papers import register_papers
        from approvals.changing.services import on_served
        from approvals.serving import SERVED

        register_papers()
        SERVED.append(on_served)
