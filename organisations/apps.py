from django.apps import AppConfig


class OrganisationsConfig(AppConfig):
    name = "organisations"
    verbose_name = "机构与人员"

    def ready(self) -> None:
        from organisations.sessions import watch_log_ins

        watch_log_ins()
