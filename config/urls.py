"""All addresses; each room adds its own below its prefix."""

from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from config.health import healthz


@login_not_required
def admin_login(request: HttpRequest) -> HttpResponse:
    """One door only: the admin's own log-in page would go round the second factor."""
    if request.user.is_authenticated:
        raise PermissionDenied("您的账号没有后台管理权限。")
    return redirect_to_login(request.GET.get("next", "/admin/"))


urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("admin/login/", admin_login),
    path("admin/", admin.site.urls),
    path("", include("workbench.urls")),
    path("accounts/", include("organisations.urls")),
    path("rules/", include("policy.urls")),
    path("api/v1/", include("policy.api_urls")),
    path("cases/", include("cases.urls")),
    path("public/papers/", include("approvals.documents.public_urls")),
    path("public/", include("publicity.public_urls")),
    path("publicity/", include("publicity.urls")),
    path("payments/", include("payments.urls")),
    path("approvals/", include("approvals.urls")),
    path("settling/", include("approvals.settling.urls")),
    path("meetings/", include("approvals.conferring.urls")),
    path("rechecks/", include("approvals.rechecking.urls")),
    path("supervision/", include("supervision.urls")),
    path("adjustments/", include("approvals.adjustments.urls")),
    path("benefit-changes/", include("approvals.changing.urls")),
    path("relief/", include("approvals.relief.urls")),
    path("recoveries/", include("approvals.recovering.urls")),
    path("serving/", include("approvals.serving.urls")),
]
