"""长期公示 for clerks: which boards hang, one board with its photos, the poster to print."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.views.decorators.http import require_http_methods, require_safe

from cases.enums import READING_POSTS
from common import clock
from common.errors import Refused
from common.pdf import render_pdf
from common.uploads import send_private, send_upload
from organisations.access import posts_required, require, scoped_or_404
from organisations.enums import Post
from organisations.scope import scope_of
from publicity import perms, queries, services
from publicity.forms import StandingAreaForm, StandingFilter, StandingPhotoForm, page_key
from publicity.models import StandingNotice, StandingPhoto
from publicity.public_views import next_url
from publicity.queries.standing import grouped

# More lines than a board has room for; a township with more prints its villages one by one.
POSTER_MOST = 600


@require_safe
@posts_required(*READING_POSTS)
def standing_list(request: HttpRequest) -> HttpResponse:
    """Boards in reach that hang now."""
    scope = scope_of(request.user)
    form = StandingFilter(request.GET, scope=scope)
    area = form.cleaned_data["area"] if form.is_valid() else None
    page = queries.standing_list(scope, page_key(request.GET), area=area)
    context = {
        "form": form,
        "rows": page.rows,
        "next_url": next_url(request, page.before),
        "month": clock.month_of(clock.today()),
        "area_form": StandingAreaForm(scope=scope) if scope.has(Post.HANDLER) else None,
    }
    return render(request, "publicity/standing_list.html", context)


def _notice_or_404(request: HttpRequest, pk: int) -> StandingNotice:
    return scoped_or_404(StandingNotice.objects.with_place(), scope_of(request.user), pk=pk)


@require_safe
@posts_required(*READING_POSTS)
def standing(request: HttpRequest, pk: int) -> HttpResponse:
    """One board: what it says, and its photos."""
    notice = _notice_or_404(request, pk)
    return render(request, "publicity/standing.html", queries.standing_record(notice, request.user))


@require_safe
@posts_required(*READING_POSTS)
def poster(request: HttpRequest, pk: int) -> HttpResponse:
    """The board as a sheet to print."""
    notice = _notice_or_404(request, pk)
    if notice.n_lines > POSTER_MOST:
        messages.error(request, f"名单有 {notice.n_lines} 户，一张公示排不下；请按村（社区）分别打印。")
        return redirect("publicity:standing", pk)
    groups = grouped(list(notice.lines.all()))
    html = render_to_string("publicity/print/poster.html", {"notice": notice, "groups": groups})
    name = f"standing-{notice.area.code}-{notice.month:%Y-%m}.pdf"
    return send_private(render_pdf(html), content_type="application/pdf", filename=name, inline=True)


@require_http_methods(["GET", "HEAD", "POST"])
def standing_photo(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep a photo of the board."""
    notice = _notice_or_404(request, pk)
    require(perms.can_photograph(request.user, notice))
    posted = (request.POST, request.FILES) if request.method == "POST" else ()
    form = StandingPhotoForm(*posted, initial={"taken_on": clock.today()})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            services.add_photo(
                notice=notice,
                taken_on=data["taken_on"],
                place=data["place"],
                upload=data["file"],
                actor=request.user,
            )
        except Refused as refused:
            refused.add_to(form)
        else:
            messages.success(request, "公示照片已保存，区级可以查看。")
            return redirect("publicity:standing", pk)
    return render(request, "publicity/standing_photo.html", {"notice": notice, "form": form})


@require_safe
@posts_required(*READING_POSTS)
def photo(request: HttpRequest, pk: int) -> HttpResponse:
    """A photo of a board in reach, decrypted on the way out."""
    visible = StandingNotice.objects.visible_to(scope_of(request.user))
    found = get_object_or_404(StandingPhoto, pk=pk, notice__in=visible)
    return send_upload(found.file, content_type=found.content_type, name=f"board-{found.pk}")
