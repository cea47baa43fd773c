from django.apps import AppConfig


class ServingConfig(AppConfig):
    name = "approvals.serving"
    label = "serving"
    verbose_name = "文书送达"

    def ready(self) -> None:
        from approvals.serving import SERVED, papers, services

        SERVED.append(services.end_written_notice)
        papers.add_to_table()
