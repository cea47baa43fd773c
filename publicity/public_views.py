"""Pages for everybody: published copies only, gone when their time is over, and in no search engine."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe
from redis.exceptions import RedisError

from common import clock
from common.errors import Refused
from organisations.access import client_ip
from publicity import services
from publicity.enums import ObjectionSource
from publicity.forms import PublicFilter, PublicObjectionForm, page_key
from publicity.limits import may_object
from publicity.models import Notice
from publicity.queries import boards_of, on_view, page_of, standing_page

CACHE_SECONDS = 60
NO_ROBOTS = "noindex, nofollow, noarchive"


def public_page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """No log-in, no search engine, and in no cache unless the view says for how long."""

    @login_not_required
    @wraps(view)
    def shown(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response["X-Robots-Tag"] = NO_ROBOTS
        response.setdefault("Cache-Control", "no-store")
        return response

    return shown


def _found(token: str) -> Notice:
    notices = Notice.objects.with_place()
    # A NUL cannot be a part of any token, and PostgreSQL does not take one.
    return get_object_or_404(notices, token=token.replace("\x00", " "))


def _gone(request: HttpRequest) -> HttpResponse:
    return render(request, "publicity/public_gone.html", status=410)


@public_page
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Running notices, newest first, by county and township."""
    form = PublicFilter(request.GET)
    notices = Notice.objects.running(clock.now()).with_place()
    if form.is_valid():
        chosen = {field: area for field, area in form.cleaned_data.items() if area is not None}
        notices = notices.filter(**chosen)
    else:
        notices = notices.none()
    page = page_of(notices, page_key(request.GET))
    response = render(
        request,
        "publicity/public_index.html",
        {
            "form": form,
            "notices": page.rows,
            "next_url": next_url(request, page.before),
            "first_url": _first_url(request),
            "boards": boards_of(form.cleaned_data.get("county")) if form.is_valid() else [],
        },
    )
    response["Cache-Control"] = f"public, max-age={CACHE_SECONDS}"
    return response


def next_url(request: HttpRequest, before: int | None) -> str:
    """The same list with its filters, from the next row on; empty on the last page."""
    if before is None:
        return ""
    query = request.GET.copy()
    query["before"] = str(before)
    return f"?{query.urlencode()}"


def _first_url(request: HttpRequest) -> str:
    query = request.GET.copy()
    return f"?{query.urlencode()}" if query.pop("before", None) else ""


@public_page
@require_safe
def notice(request: HttpRequest, token: str) -> HttpResponse:
    """One notice as it hangs on the board. After its time 410, whether or not the nightly job has run."""
    found = _found(token)
    now = clock.now()
    if not found.is_running(now):
        return _gone(request)
    response = render(request, "publicity/public_notice.html", {"notice": found})
    # No cache may show it longer than the law lets it hang.
    seconds = min(CACHE_SECONDS, int((found.ends_at - now).total_seconds()))
    response["Cache-Control"] = f"public, max-age={seconds}"
    return response


@public_page
@require_safe
def standing(request: HttpRequest, code: str) -> HttpResponse:
    """What hangs for the long term in a village or township: copies of its last refreshing."""
    found = on_view(code[:12])
    if found is None:
        raise Http404
    context = standing_page(found, page_key(request.GET))
    response = render(request, "publicity/public_standing.html", context)
    response["Cache-Control"] = f"public, max-age={CACHE_SECONDS}"
    return response


@public_page
@require_http_methods(["GET", "HEAD", "POST"])
def objection(request: HttpRequest, token: str) -> HttpResponse:
    """Send an objection to the township. Name and telephone are optional."""
    found = _found(token)
    if not found.is_running(clock.now()):
        return _gone(request)
    form = PublicObjectionForm(request.POST or None)
    status = 200
    if request.method == "POST":
        if form.is_valid():
            status = _send(request, found, form)
        if form.is_valid() and status == 200:
            return redirect("public:object_sent", token=token)
    return render(request, "publicity/public_objection.html", {"notice": found, "form": form}, status=status)


def _send(request: HttpRequest, found: Notice, form: PublicObjectionForm) -> int:
    """Record it; otherwise the form carries the reason and the status goes with it."""
    try:
        allowed = may_object(address=client_ip(request), notice_id=found.pk)
    except RedisError:
        form.add_error(None, "系统暂时无法受理，您填写的内容尚未提交。请稍后再试，或拨打监督电话。")
        return 503
    if not allowed:
        form.add_error(None, "短时间内提交的异议过多，请过一小时再试，或拨打公示上的监督电话。")
        return 429
    data = form.cleaned_data
    try:
        services.record_objection(
            notice=found,
            source=ObjectionSource.PUBLIC,
            content=data["content"],
            name=data["name"],
            phone=data["phone"],
            actor=None,
            at=clock.now(),
        )
    except Refused as refused:
        refused.add_to(form)
    return 200


@public_page
@require_safe
def objection_sent(request: HttpRequest, token: str) -> HttpResponse:
    """What happens now."""
    found = _found(token)
    if not found.is_running(clock.now()):
        return _gone(request)
    return render(request, "publicity/public_objection_sent.html", {"notice": found})
