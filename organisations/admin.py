"""Accounts, postings and areas for the administrator; every write goes through the services."""

from __future__ import annotations

from collections.abc import Callable

from django import forms
from django.contrib import admin, messages
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.http import HttpRequest

from common.errors import Refused
from organisations import second_factor, services, tokens
from organisations.admin_forms import (
    AccountForm,
    NewAccountForm,
    PopulationForm,
    PostingEndForm,
    PostingForm,
    TokenForm,
    VillageForm,
)
from organisations.admin_site import PostModelAdmin, ReadOnlyAdmin
from organisations.enums import AreaLevel, Post
from organisations.models import AccountEvent, ApiToken, Area, PersonalDataRead, Population, Posting, User
from organisations.scope import scope_of


def _under(user: User, path: str) -> Q:
    """Rows whose area (`path` leads to it) lies where the person is administrator."""
    if user.is_superuser:
        return Q()
    condition = Q(pk__in=())
    for prefix in scope_of(user).areas(Post.ADMINISTRATOR):
        condition |= Q(**{f"{path}prefix__startswith": prefix})
    return condition


def _accounts_under(user: User) -> QuerySet[User]:
    """Accounts with a posting in the administrator's area, and those that have none yet."""
    if user.is_superuser:
        return User.objects.all()
    postings = Posting.objects.filter(user=OuterRef("pk"))
    return User.objects.filter(
        Exists(postings.filter(_under(user, "area__"))) | ~Exists(postings), is_superuser=False
    )


class ServiceAdmin(PostModelAdmin):
    """Forms get the person who works (`form.actor`) and can therefore ask the same rules as the service."""

    change_posts = (Post.ADMINISTRATOR,)
    # Bulk deletion would go round the services; nothing here is deleted at all.
    actions_on_bottom = True

    def get_form(self, request: HttpRequest, obj=None, change=False, **kwargs) -> type[forms.ModelForm]:
        form = super().get_form(request, obj, change=change, **kwargs)
        return type(form.__name__, (form,), {"actor": request.user})


@admin.register(User)
class UserAdmin(ServiceAdmin):
    list_display = ("username", "name", "postings_now", "is_active", "must_change_password", "last_login")
    list_filter = ("is_active",)
    search_fields = ("username", "name")
    ordering = ("username",)
    list_per_page = 50
    actions = ("activate", "deactivate", "unlock", "reset_second_factor")

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        current = Posting.objects.current().select_related("area")
        users = _accounts_under(request.user).order_by(*self.ordering)
        return users.prefetch_related(Prefetch("postings", queryset=current, to_attr="postings_in_force"))

    def get_form(self, request: HttpRequest, obj=None, change=False, **kwargs) -> type[forms.ModelForm]:
        kwargs["form"] = AccountForm if obj else NewAccountForm
        return super().get_form(request, obj, change=change, **kwargs)

    def get_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        return (
            ("name", "relatives_declared_on", "new_password") if obj else ("username", "name", "new_password")
        )

    @admin.display(description="现任岗位")
    def postings_now(self, user: User) -> str:
        return "；".join(str(posting) for posting in user.postings_in_force) or "—"

    def save_model(self, request: HttpRequest, obj: User, form: AccountForm, change: bool) -> None:
        password = form.cleaned_data["new_password"]
        if not change:
            made = services.create_user(
                username=obj.username, name=obj.name, password=password or None, actor=request.user
            )
            obj.pk, obj._state.adding = made.pk, False
            return
        obj.save(update_fields=["name", "relatives_declared_on"])
        if password:
            services.give_password(user=obj, password=password, actor=request.user)

    def save_related(self, request, form, formsets, change) -> None:
        """There are no related rows: postings have a page of their own."""

    def _for_each(self, request: HttpRequest, users: QuerySet[User], done: str, act: Callable) -> None:
        count = 0
        for user in users:
            try:
                act(user)
                count += 1
            except Refused as refused:
                messages.error(request, f"{user}：{refused}")
        if count:
            messages.success(request, f"已{done} {count} 个账号。")

    @admin.action(description="启用账号", permissions=["change"])
    def activate(self, request: HttpRequest, users: QuerySet[User]) -> None:
        self._for_each(
            request, users, "启用", lambda u: services.set_active(user=u, is_active=True, actor=request.user)
        )

    @admin.action(description="停用账号（立即退出登录）", permissions=["change"])
    def deactivate(self, request: HttpRequest, users: QuerySet[User]) -> None:
        self._for_each(
            request, users, "停用", lambda u: services.set_active(user=u, is_active=False, actor=request.user)
        )

    @admin.action(description="解除登录锁定", permissions=["change"])
    def unlock(self, request: HttpRequest, users: QuerySet[User]) -> None:
        self._for_each(request, users, "解锁", lambda u: services.unlock(user=u, actor=request.user))

    @admin.action(description="解除动态口令（手机丢失）", permissions=["change"])
    def reset_second_factor(self, request: HttpRequest, users: QuerySet[User]) -> None:
        self._for_each(
            request,
            users,
            "解除动态口令",
            lambda u: second_factor.reset_second_factor(user=u, actor=request.user),
        )


@admin.register(Posting)
class PostingAdmin(ServiceAdmin):
    list_display = ("user", "post", "area", "department", "valid_from", "valid_to")
    list_filter = ("post",)
    search_fields = ("user__name", "user__username", "area__name")
    list_select_related = ("user", "area")
    ordering = ("area__code", "post", "-valid_from")
    autocomplete_fields = ("user", "area")
    list_per_page = 50
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Posting]:
        return super().get_queryset(request).filter(_under(request.user, "area__"))

    def get_form(self, request: HttpRequest, obj=None, change=False, **kwargs) -> type[forms.ModelForm]:
        kwargs["form"] = PostingEndForm if obj else PostingForm
        return super().get_form(request, obj, change=change, **kwargs)

    def get_readonly_fields(self, request: HttpRequest, obj: Posting | None = None) -> tuple[str, ...]:
        return ("user", "post", "area", "department", "valid_from") if obj else ()

    def save_model(self, request: HttpRequest, obj: Posting, form: forms.ModelForm, change: bool) -> None:
        if change:
            services.end_posting(posting=obj, valid_to=obj.valid_to, actor=request.user)
            return
        fields = ("user", "post", "area", "department", "valid_from", "valid_to")
        made = services.appoint(**{name: form.cleaned_data[name] for name in fields}, actor=request.user)
        obj.pk, obj._state.adding = made.pk, False


@admin.register(Area)
class AreaAdmin(ServiceAdmin):
    """Official areas come from `load_areas`; here an office enters its villages and corrects names."""

    list_display = ("code", "name", "level", "parent")
    list_filter = ("level",)
    search_fields = ("code", "name")
    list_select_related = ("parent",)
    ordering = ("code",)
    autocomplete_fields = ("parent",)
    list_per_page = 50
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Area]:
        return super().get_queryset(request).filter(_under(request.user, ""))

    def get_form(self, request: HttpRequest, obj=None, change=False, **kwargs) -> type[forms.ModelForm]:
        if obj is None:
            kwargs["form"] = VillageForm
        return super().get_form(request, obj, change=change, **kwargs)

    def get_fields(self, request: HttpRequest, obj: Area | None = None) -> tuple[str, ...]:
        return ("code", "name", "level", "parent", "abbreviation") if obj else ("parent", "code", "name")

    def get_readonly_fields(self, request: HttpRequest, obj: Area | None = None) -> tuple[str, ...]:
        return ("code", "level", "parent", "abbreviation") if obj else ()

    def has_change_permission(self, request: HttpRequest, obj: Area | None = None) -> bool:
        villages_only = obj is None or obj.level == AreaLevel.VILLAGE or request.user.is_superuser
        return villages_only and super().has_change_permission(request, obj)


@admin.register(Population)
class PopulationAdmin(ServiceAdmin):
    """户籍人口 by year, of which a reserve of so much a head is counted (SY-4.4c)."""

    list_display = ("area", "year", "hukou")
    list_filter = ("year",)
    search_fields = ("area__code", "area__name")
    list_select_related = ("area",)
    autocomplete_fields = ("area",)
    fields = ("area", "year", "hukou")
    list_per_page = 50
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Population]:
        return super().get_queryset(request).filter(_under(request.user, "area__"))

    def get_form(self, request: HttpRequest, obj=None, change=False, **kwargs) -> type[forms.ModelForm]:
        kwargs["form"] = PopulationForm
        return super().get_form(request, obj, change=change, **kwargs)


@admin.register(ApiToken)
class ApiTokenAdmin(ServiceAdmin):
    """Tokens are given out and ended here; what one is shows once, right after it was given out."""

    list_display = ("name", "user", "valid_from", "valid_to", "last_used_on")
    search_fields = ("name", "user__username", "user__name")
    list_select_related = ("user",)
    ordering = ("-valid_to", "name")
    autocomplete_fields = ("user",)
    list_per_page = 50
    actions = ("end",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ApiToken]:
        return super().get_queryset(request).filter(user__in=_accounts_under(request.user))

    def get_form(self, request: HttpRequest, obj=None, change=False, **kwargs) -> type[forms.ModelForm]:
        if obj is None:
            kwargs["form"] = TokenForm
        return super().get_form(request, obj, change=change, **kwargs)

    def get_fields(self, request: HttpRequest, obj: ApiToken | None = None) -> tuple[str, ...]:
        shown = ("user", "name", "valid_from", "valid_to", "last_used_on")
        return shown if obj else ("user", "name", "valid_to")

    def get_readonly_fields(self, request: HttpRequest, obj: ApiToken | None = None) -> tuple[str, ...]:
        return self.get_fields(request, obj) if obj else ()

    def save_model(self, request: HttpRequest, obj: ApiToken, form: forms.ModelForm, change: bool) -> None:
        if change:
            return
        fields = {name: form.cleaned_data[name] for name in ("user", "name", "valid_to")}
        made, clear = tokens.issue_token(**fields, actor=request.user)
        obj.pk, obj._state.adding = made.pk, False
        messages.warning(request, f"令牌只显示这一次，请立即交给使用单位保存：{clear}")

    @admin.action(description="停用令牌", permissions=["change"])
    def end(self, request: HttpRequest, queryset: QuerySet[ApiToken]) -> None:
        for token in queryset:
            try:
                tokens.end_token(token=token, actor=request.user)
                messages.success(request, f"“{token}”已停用。")
            except Refused as refused:
                messages.error(request, f"{token}：{refused}")


class TraceAdmin(ReadOnlyAdmin):
    """Traces of people in the administrator's area, newest first."""

    view_posts = (Post.ADMINISTRATOR,)
    ordering = ("-id",)
    show_full_result_count = False
    list_per_page = 50
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        users = _accounts_under(request.user)
        return super().get_queryset(request).filter(user__in=users)


@admin.register(PersonalDataRead)
class PersonalDataReadAdmin(TraceAdmin):
    list_display = ("at", "user", "subject", "fields", "reason", "ip")
    list_select_related = ("user",)
    search_fields = ("user__username", "user__name", "subject")
    fields = ("at", "user", "subject", "fields", "reason", "ip", "stream", "sequence", "hash")


@admin.register(AccountEvent)
class AccountEventAdmin(TraceAdmin):
    list_display = ("at", "user", "kind", "detail", "actor")
    list_filter = ("kind",)
    list_select_related = ("user", "actor")
    search_fields = ("user__username", "user__name")
    fields = ("at", "user", "kind", "detail", "actor", "stream", "sequence", "hash")
