"""The guards of every view, the line in the top bar and the address of the browser."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.test import RequestFactory
from django.views import View

from common.verdict import ALLOWED, denied
from organisations.access import PostsRequiredMixin, client_ip, posts_required, require, scoped_or_404
from organisations.context import posting
from organisations.enums import Post
from organisations.models import Posting
from organisations.scope import Place, Scope
from tests.organisations.people import person


def request_of(user=None, **meta):
    request = RequestFactory().get("/", **meta)
    request.user = user or AnonymousUser()
    return request


def test_a_refusal_carries_its_reason_to_the_403_page() -> None:
    require(ALLOWED)
    with pytest.raises(PermissionDenied, match="同一人"):
        require(denied("同一人不能兼任两岗"))


@posts_required(Post.HANDLER, Post.REVIEWER)
def guarded_view(request):
    return HttpResponse("in")


class GuardedClass(PostsRequiredMixin, View):
    posts = (Post.HANDLER, Post.REVIEWER)

    def get(self, request):
        return HttpResponse("in")


@pytest.mark.django_db
@pytest.mark.parametrize("view", [guarded_view, GuardedClass.as_view()])
def test_views_open_for_the_named_posts_only(view) -> None:
    assert view(request_of(person("a", ("reviewer", "330305001")))).content == b"in"
    for user in (person("b", ("approver", "330305001")), person("c", is_superuser=True), None):
        with pytest.raises(PermissionDenied, match="由经办岗、审核岗使用"):
            view(request_of(user))


class ScopeByPrefix:
    """Postings name one area, so this stands in for a scope over county, township and village."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix

    def filter(self, *posts: Post, path: str = "") -> Q:
        return Q(**{f"{path}prefix__startswith": self.prefix})


@pytest.mark.django_db
def test_what_lies_outside_the_scope_does_not_exist() -> None:
    near = person("near", ("handler", "330305001201")).postings.get()
    far = person("far", ("handler", "330604001201")).postings.get()
    scope, rows = ScopeByPrefix("330305001"), Posting.objects.all()

    assert scoped_or_404(rows, scope, scope_path="area__", pk=near.pk) == near
    for lookup in ({"pk": far.pk}, {"pk": 0}, {"pk": near.pk, "post": "approver"}):
        with pytest.raises(Http404):
            scoped_or_404(rows, scope, scope_path="area__", **lookup)


@pytest.mark.django_db
def test_the_top_bar_names_the_post() -> None:
    def label(user) -> str:
        return str(posting(request_of(user))["posting_label"])

    assert label(None) == ""
    assert label(person("a")) == ""
    assert label(person("b", ("handler", "330305001"))) == "北岙街道 · 经办岗"
    assert (
        label(person("c", ("auditor", "330305"), ("handler", "330305001"))) == "洞头区 · 区级监督岗 等 2 岗"
    )


@pytest.mark.django_db
def test_the_menu_leads_to_the_second_factor_where_a_post_asks_for_it() -> None:
    def url(user) -> str:
        return str(posting(request_of(user))["second_factor_url"])

    assert url(person("a", ("approver", "330305001"))) == "/accounts/second-factor/"
    assert url(person("b", ("handler", "330305001"))) == url(None) == ""


def test_only_our_own_proxies_are_believed(settings) -> None:
    forged = {"REMOTE_ADDR": "10.0.0.9", "HTTP_X_FORWARDED_FOR": "6.6.6.6, 203.0.113.5"}
    settings.TRUSTED_PROXY_COUNT = 0
    assert client_ip(request_of(**forged)) == "10.0.0.9"
    settings.TRUSTED_PROXY_COUNT = 1
    assert client_ip(request_of(**forged)) == "203.0.113.5"
    settings.TRUSTED_PROXY_COUNT = 3
    assert client_ip(request_of(**forged)) == "10.0.0.9"


def test_a_scope_is_a_plain_value() -> None:
    place = Place(Post.HANDLER, 1, "330305001", "北岙街道 · 经办岗")
    assert Scope((place,)) == Scope((place,))
