"""What every view does first: scope (404), then the post or the verdict (403 with the reason)."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from common.verdict import ALLOWED, Verdict, denied
from organisations.enums import Post
from organisations.scope import Scope, scope_of


def require(verdict: Verdict) -> None:
    """Go on when allowed; otherwise the 403 page shows the verdict's reason."""
    if not verdict:
        raise PermissionDenied(verdict.reason)


def holds_post(user, *posts: Post) -> Verdict:
    """Does the person hold one of the posts anywhere today?"""
    if scope_of(user).has(*posts):
        return ALLOWED
    names = "、".join(Post(post).label for post in posts)
    return denied(f"此页面由{names}使用，您目前没有这一岗位；如需开通请联系系统管理岗。")


def posts_required(*posts: Post) -> Callable:
    """View decorator: 403 with the reason unless the person holds one of the posts somewhere."""

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def guarded(request: HttpRequest, *args, **kwargs) -> HttpResponse:
            require(holds_post(request.user, *posts))
            return view(request, *args, **kwargs)

        return guarded

    return decorate


class PostsRequiredMixin:
    """The same for class-based views: name the posts in `posts`."""

    posts: tuple[Post, ...] = ()

    def dispatch(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        require(holds_post(request.user, *self.posts))
        return super().dispatch(request, *args, **kwargs)


def scoped_or_404(
    queryset: QuerySet, scope: Scope, *, scope_path: str = "", scope_posts: tuple[Post, ...] = (), **lookup
) -> Model:
    """The one row of the look-up that lies in the person's reach, or 404 as if it did not exist.

    `scope_path` leads from the row to the one with county, township and village (`"application__"`);
    `scope_posts` counts only the areas of those posts.
    """
    return get_object_or_404(queryset.filter(scope.filter(*scope_posts, path=scope_path)), **lookup)


def client_ip(request: HttpRequest, **_: object) -> str | None:
    """The address of the browser. A forwarded address counts only behind our own proxies.

    `settings.TRUSTED_PROXY_COUNT` proxies each append one entry to X-Forwarded-For, so the entry that
    many places from the right was written by ours; everything left of it could be typed by anybody.
    """
    address = request.META.get("REMOTE_ADDR") or None
    proxies = getattr(settings, "TRUSTED_PROXY_COUNT", 0)
    if not proxies:
        return address
    forwarded = [
        part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()
    ]
    return forwarded[-proxies] if len(forwarded) >= proxies else address
