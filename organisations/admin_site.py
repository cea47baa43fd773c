"""/admin/ opens by posting: Django's own permissions and is_staff play no part."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import BadRequest, PermissionDenied, ValidationError
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from organisations.enums import Post
from organisations.scope import scope_of

ADMIN_POSTS = (Post.ADMINISTRATOR, Post.RULE_WRITER, Post.RULE_PUBLISHER)


class PostAdminSite(admin.AdminSite):
    """For accounts and areas (administrator) and rule tables (rule writer and publisher)."""

    site_header = site_title = "系统管理"
    index_title = "账号、区划与规则表"
    site_url = "/"
    # Offers apps by the permissions of the ModelAdmins, so no second list of links is needed.
    enable_nav_sidebar = True

    def register(self, model_or_iterable, admin_class: type | None = None, **options) -> None:
        """Only tables that name their posts.

        What packages bring along (devices with their secrets, groups, log-in attempts) would open to a
        superuser by Django's permissions and go round the services; it stays out.
        """
        if admin_class is not None and issubclass(admin_class, PostModelAdmin):
            super().register(model_or_iterable, admin_class, **options)

    def has_permission(self, request: HttpRequest) -> bool:
        user = request.user
        return user.is_active and (user.is_superuser or scope_of(user).has(*ADMIN_POSTS))

    def login(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        """One door only: the admin's own log-in page would go round lock-out and second factor."""
        if request.user.is_authenticated:
            raise PermissionDenied("后台由系统管理岗、规则起草岗和规则发布岗使用，您目前没有这些岗位。")
        return redirect_to_login(request.GET.get(REDIRECT_FIELD_NAME, "/admin/"))

    def logout(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        # 307 keeps the POST, so that our page ends the session and clears the browser.
        return redirect("organisations:logout", preserve_request=True)

    def password_change(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        return redirect("organisations:password_change")


def is_key(model: type[Model], text: str) -> bool:
    """Could the text be the primary key of a row? Django's admin asks the database for it in any case."""
    try:
        model._meta.pk.to_python(text)
    except ValidationError:
        return False
    return "\x00" not in text


class PostModelAdmin(admin.ModelAdmin):
    """A table of the admin that names its posts: who may see it and who may change it."""

    view_posts: tuple[Post, ...] = (Post.ADMINISTRATOR,)
    change_posts: tuple[Post, ...] = ()
    may_delete = False

    def _holds(self, request: HttpRequest, posts: tuple[Post, ...]) -> bool:
        return request.user.is_active and (request.user.is_superuser or scope_of(request.user).has(*posts))

    def get_changeform_initial_data(self, request: HttpRequest) -> dict:
        """Nothing in a new row comes from the address: a link must not choose whom a clerk appoints."""
        return {}

    def changeform_view(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        for field in (field for field in self.opts.fields if field.is_relation):
            self._refuse_forged(field.related_model, request.POST.getlist(field.name))
        return super().changeform_view(request, *args, **kwargs)

    def changelist_view(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        self._refuse_forged(self.model, request.POST.getlist(ACTION_CHECKBOX_NAME))
        return super().changelist_view(request, *args, **kwargs)

    @staticmethod
    def _refuse_forged(model: type[Model], keys: list[str]) -> None:
        """No drop-down of ours offers what is no key; it is answered with 400."""
        if not all(is_key(model, key) for key in keys if key):
            raise BadRequest("所选内容无法识别，请重新打开页面填写。")

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj=None) -> bool:
        return self._holds(request, (*self.view_posts, *self.change_posts))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(self.change_posts) and self._holds(request, self.change_posts)

    def has_change_permission(self, request: HttpRequest, obj=None) -> bool:
        return bool(self.change_posts) and self._holds(request, self.change_posts)

    def has_delete_permission(self, request: HttpRequest, obj=None) -> bool:
        return self.may_delete and self._holds(request, self.change_posts)


class ReadOnlyAdmin(PostModelAdmin):
    """A list to look at: nothing is added, changed or deleted here, by a superuser neither."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj=None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj=None) -> bool:
        return False
