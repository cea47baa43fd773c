"""Who may ask the interfaces under /api/. Every answer there is JSON, a refusal too.

A script shows a token (`Authorization: Bearer …`), a page of ours its session and the CSRF token in
`X-CSRFToken`. A session is held to what the pages ask: own password, second factor.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from common import clock
from organisations.access import client_ip
from organisations.models import User
from organisations.scope import scope_of
from organisations.second_factor import is_required_for
from organisations.tokens import owner_of

REQUESTS_A_MINUTE = 300
_WRONG_TOKENS_A_MINUTE = 30
_LONGEST_HEADER = 200


class Denied(Exception):
    """The request is not answered; `status` and one sentence."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message


def refusal(status: int, message: str, *, field: str = "", **more: str) -> JsonResponse:
    """`{"field": …, "message": …}`: which field of the request is at fault (empty: the whole) and why."""
    return JsonResponse(
        {"field": field, "message": message, **more}, status=status, json_dumps_params={"ensure_ascii": False}
    )


def api_view(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A POST for people with a post: by token or session, so many a minute. `request.user` is set."""

    @csrf_exempt
    @login_not_required
    @require_POST
    @wraps(view)
    def answered(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        try:
            request.user = _asker(request)
            _count(f"user:{request.user.pk}", REQUESTS_A_MINUTE)
        except Denied as denial:
            return refusal(denial.status, denial.message)
        return view(request, *args, **kwargs)

    return answered


def _asker(request: HttpRequest) -> User:
    header = request.headers.get("Authorization", "")
    user = _by_token(request, header) if header else _by_session(request)
    if not scope_of(user).places:
        raise Denied(403, "该账号目前没有岗位，不能使用接口。")
    return user


def _by_token(request: HttpRequest, header: str) -> User:
    scheme, _, clear = header.partition(" ")
    user = None
    if scheme.lower() == "bearer" and len(header) <= _LONGEST_HEADER:
        user = owner_of(clear.strip())
    if user is None:
        _count(f"stranger:{client_ip(request)}", _WRONG_TOKENS_A_MINUTE)
        raise Denied(401, "接口令牌无效、已停用或已过期。")
    return user


def _by_session(request: HttpRequest) -> User:
    user = request.user
    if not user.is_authenticated:
        raise Denied(401, "请先登录，或在 Authorization 中提供接口令牌。")
    if CsrfViewMiddleware(_nothing).process_view(request, _nothing, (), {}) is not None:
        raise Denied(403, "缺少页面的 CSRF 令牌（X-CSRFToken）。")
    if user.must_change_password:
        raise Denied(403, "请先在页面上修改初始密码。")
    if settings.SECOND_FACTOR_REQUIRED and is_required_for(user) and not user.is_verified():
        raise Denied(403, "请先在页面上用动态口令验证。")
    return user


def _nothing(request: HttpRequest) -> None:
    """Stands for a page that is not exempt from the CSRF check."""


def _count(who: str, most: int) -> None:
    """One more request of this minute; Denied above `most`."""
    key = f"api:{who}:{clock.now():%Y%m%d%H%M}"
    cache.add(key, 0, timeout=120)
    try:
        count = cache.incr(key)
    except ValueError:  # It fell out of the cache between the two calls.
        return
    if count > most:
        raise Denied(429, f"请求过于频繁，每分钟最多 {most} 次，请稍后再试。")
