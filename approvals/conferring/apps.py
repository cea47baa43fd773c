from django.apps import AppConfig


class ConferringConfig(AppConfig):
    name = "approvals.conferring"
    label = "conferring"
    verbose_name = "联审联批"

    def ready(self) -> None:
        from approvals.conferring import papers

        papers.register_papers()
