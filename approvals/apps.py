from django.apps import AppConfig


class ApprovalsConfig(AppConfig):
    name = "approvals"
    verbose_name = "审核审批"

    def ready(self) -> None:
        # They put their kinds of paper into the table.
        from approvals.documents import care, data, hand_overs, money, signing  # noqa: F401
