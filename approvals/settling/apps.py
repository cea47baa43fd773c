from django.apps import AppConfig


class SettlingConfig(AppConfig):
    name = "approvals.settling"
    label = "settling"
    verbose_name = "一事一议"

    def ready(self) -> None:
        from approvals.settling import effects, papers

        effects.install()
        papers.register_papers()
