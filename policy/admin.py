"""The rule tables in /admin/: drafts by the rule writer, publication by another person, history for ever."""

from __future__ import annotations

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.http import urlencode

from common import clock
from organisations.admin_site import PostModelAdmin, ReadOnlyAdmin
from organisations.enums import Post
from policy import perms, services
from policy.admin_forms import CalendarDayForm, RuleForm
from policy.admin_import import GuardedImportExport
from policy.calendars import calendar_years
from policy.keys import KEYS
from policy.models import CalendarDay, CalendarYear, Clause, Document, Rule
from policy.queries import row_of
from policy.resources import CalendarDayResource, RuleResource

_RULE_POSTS = perms.RULE_POSTS
# As many as fit into an address.
MOST_AT_ONCE = 200


class SourceAdmin(PostModelAdmin):
    """Documents and clauses: what published rules rest on is no longer changed."""

    view_posts = _RULE_POSTS
    change_posts = (Post.RULE_WRITER,)
    actions = None
    list_per_page = 50

    def has_change_permission(self, request: HttpRequest, obj=None) -> bool:
        rests = obj is not None and obj.rules.published().exists()
        return not rests and super().has_change_permission(request, obj)


@admin.register(Document)
class DocumentAdmin(SourceAdmin):
    list_display = ("code", "title", "number", "in_force_from", "status")
    list_filter = ("status",)
    search_fields = ("code", "title", "number")

    def get_readonly_fields(self, request: HttpRequest, obj: Document | None = None) -> tuple[str, ...]:
        return ("code",) if obj else ()


@admin.register(Clause)
class ClauseAdmin(SourceAdmin):
    list_display = ("id", "document", "text", "binding")
    list_filter = ("document", "binding")
    list_select_related = ("document",)
    search_fields = ("id", "text")
    autocomplete_fields = ("document",)

    def get_readonly_fields(self, request: HttpRequest, obj: Clause | None = None) -> tuple[str, ...]:
        return ("id",) if obj else ()


class StateFilter(admin.SimpleListFilter):
    title = "状态"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [("draft", "草稿"), ("published", "已发布")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Rule]) -> QuerySet[Rule]:
        if self.value() not in {"draft", "published"}:
            return queryset
        return queryset.filter(published_at__isnull=self.value() == "draft")


@admin.register(Rule)
class RuleAdmin(GuardedImportExport, PostModelAdmin):
    resource_classes = (RuleResource,)
    view_posts = export_posts = _RULE_POSTS
    change_posts = import_posts = (Post.RULE_WRITER,)
    form = RuleForm
    list_display = (
        "label",
        "shown_value",
        "area",
        "valid_from",
        "valid_to",
        "clause",
        "certainty",
        "state",
        "drafted_by",
        "published_by",
        "pages",
    )
    list_filter = (StateFilter, "certainty", "document")
    list_select_related = ("area", "clause", "document", "drafted_by", "published_by")
    search_fields = ("key", "value", "area__name", "area__code", "clause__id")
    autocomplete_fields = ("document", "clause")
    list_per_page = 50
    actions = ("publish",)

    @admin.display(description="规则", ordering="key")
    def label(self, rule: Rule) -> str:
        return row_of(rule).label

    @admin.display(description="值")
    def shown_value(self, rule: Rule) -> str:
        return row_of(rule).value

    @admin.display(description="查看")
    def pages(self, rule: Rule) -> str:
        """The pages of the policy room: all values of the rule, and what comes next for it."""
        known = reverse("policy:history", args=[rule.area.code, rule.key]) if rule.key in KEYS else ""
        if rule.published_at:
            step, url = "接替", reverse("policy:succeed", args=[rule.pk])
        else:
            step, url = "核对差异", f"{reverse('policy:drafts')}?rule={rule.pk}"
        links = [(known, "沿革")] * bool(known) + [(url, step)]
        return format_html_join(" ", '<a href="{}">{}</a>', links)

    @admin.display(description="状态", ordering="published_at")
    def state(self, rule: Rule) -> str:
        return "已发布" if rule.published_at else "草稿"

    def get_form(self, request: HttpRequest, obj=None, change=False, **kwargs) -> type[forms.ModelForm]:
        form = super().get_form(request, obj, change=change, **kwargs)
        return type(form.__name__, (form,), {"actor": request.user})

    def has_change_permission(self, request: HttpRequest, obj: Rule | None = None) -> bool:
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or bool(perms.can_change(request.user, obj)))

    def has_delete_permission(self, request: HttpRequest, obj: Rule | None = None) -> bool:
        return obj is not None and self.has_change_permission(request, obj)

    def has_publish_permission(self, request: HttpRequest) -> bool:
        return self._holds(request, (Post.RULE_PUBLISHER,))

    def save_model(self, request: HttpRequest, obj: Rule, form: RuleForm, change: bool) -> None:
        values = {name: form.cleaned_data[name] for name in form.Meta.fields}
        if change:
            services.revise_draft(rule=obj, changes=values, actor=request.user)
            return
        obj.pk = services.draft_rule(**values, actor=request.user).pk
        obj._state.adding = False

    def delete_model(self, request: HttpRequest, obj: Rule) -> None:
        services.discard_draft(rule=obj, actor=request.user)

    @admin.action(description="核对差异并发布所选草稿", permissions=["publish"])
    def publish(self, request: HttpRequest, rules: QuerySet[Rule]) -> HttpResponse:
        """Nothing is published unseen: the page of differences shows the chosen drafts and asks."""
        chosen = list(rules.filter(published_at__isnull=True).values_list("pk", flat=True)[:MOST_AT_ONCE])
        if not chosen:
            self.message_user(request, "所选规则都已发布。", messages.ERROR)
            return redirect("admin:policy_rule_changelist")
        return redirect(f"{reverse('policy:drafts')}?{urlencode({'rule': chosen}, doseq=True)}")


@admin.register(CalendarYear)
class CalendarYearAdmin(ReadOnlyAdmin):
    view_posts = _RULE_POSTS
    list_display = ("year", "source", "loaded_at")
    actions = None


@admin.register(CalendarDay)
class CalendarDayAdmin(GuardedImportExport, PostModelAdmin):
    """The arrangement of the next year comes in here as a sheet: 日期、安排（放假/上班）、名称."""

    resource_classes = (CalendarDayResource,)
    view_posts = export_posts = _RULE_POSTS
    change_posts = import_posts = (Post.ADMINISTRATOR,)
    may_delete = True
    form = CalendarDayForm
    list_display = ("day", "name", "is_workday")
    list_filter = ("is_workday", "year")
    list_per_page = 50
    actions = None
    import_export_change_list_template = "policy/admin/calendar_days.html"
    import_template_name = "policy/admin/calendar_import.html"

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        return super().changelist_view(request, self._with_years(extra_context))

    def get_import_context_data(self, **kwargs) -> dict:
        return self._with_years(super().get_import_context_data(**kwargs))

    @staticmethod
    def _with_years(context: dict | None) -> dict:
        """Which years are loaded and which is missing stands on both pages."""
        return {**(context or {}), "years": calendar_years(clock.today())}

    def get_readonly_fields(self, request: HttpRequest, obj: CalendarDay | None = None) -> tuple[str, ...]:
        return ("day",) if obj else ()

    def save_model(self, request: HttpRequest, obj: CalendarDay, form: CalendarDayForm, change: bool) -> None:
        services.record_calendar_day(
            day=obj.day, is_workday=obj.is_workday, name=obj.name, actor=request.user
        )
        obj._state.adding = False
