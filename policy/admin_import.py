"""django-import-export for rule tables: XLSX only, preview first, all rows or none, bound to who uploaded.

The package itself confirms any uploaded file for anybody who knows its name, keeps valid rows beside invalid
ones and prints its comparison with inline styles that our content security policy blocks (trust.md 6).
"""

from __future__ import annotations

from django.contrib import messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.html import escape
from import_export.admin import ImportExportMixin
from import_export.resources import Diff, ModelResource
from import_export.results import Result

from common.errors import Refused
from organisations.enums import Post
from organisations.scope import scope_of

_SESSION_KEY = "import_file"


class PlainDiff(Diff):
    """The values of the row as they will be stored, escaped."""

    def as_html(self) -> list[str]:
        return [escape(value) for value in self.right]


class ServiceResource(ModelResource):
    """Saves each row by a service, whose refusal becomes the row's error beside its column."""

    class Meta:
        abstract = True

    @classmethod
    def get_diff_class(cls) -> type[Diff]:
        return PlainDiff

    def save_instance(self, instance, is_create, row, **kwargs) -> None:
        try:
            self.save_row(instance, kwargs["user"])
        except Refused as error:
            field = error.field if error.field in self.fields else None
            raise ValidationError({field: str(error)} if field else str(error)) from None

    def save_row(self, instance, user) -> None:
        """Call the service; Refused is shown in the preview."""
        raise NotImplementedError


class GuardedImportExport(ImportExportMixin):
    """Admin mixin: who may import and export by posts; nothing is kept of a file with an error in it."""

    import_template_name = "policy/admin/import.html"
    import_posts: tuple[Post, ...] = ()
    export_posts: tuple[Post, ...] = ()

    def get_export_context_data(self, **kwargs) -> dict:
        """The package's page asks for an address that its own view leaves out; the form posts here."""
        return {"export_url": "", **super().get_export_context_data(**kwargs)}

    def has_import_permission(self, request: HttpRequest) -> bool:
        return request.user.is_active and scope_of(request.user).has(*self.import_posts)

    def has_export_permission(self, request: HttpRequest) -> bool:
        return request.user.is_active and scope_of(request.user).has(*self.export_posts)

    def export_action(self, request: HttpRequest) -> HttpResponse:
        """The list as it is filtered; the package stumbles over filters that the list does not know."""
        try:
            return super().export_action(request)
        except IncorrectLookupParameters:
            messages.error(request, "筛选条件无法识别，请在列表中重新筛选后导出。")
            return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")

    def get_import_data_kwargs(self, **kwargs) -> dict:
        return super().get_import_data_kwargs(**kwargs) | {"rollback_on_validation_errors": True}

    def import_action(self, request: HttpRequest, **kwargs) -> HttpResponse:
        """The upload page; the package leaves out which columns it expects where a file could not be read,
        and shows what is wrong with a row only to who points at it.
        """
        response = super().import_action(request, **kwargs)
        context = getattr(response, "context_data", None)
        if context is None:
            return response
        if context.get("result") is not None:
            context["problems"] = self._problems(request, context["result"])
        if not context["fields_list"]:
            context["fields_list"] = [
                (kind.get_display_name(), [field.column_name for field in kind().get_user_visible_fields()])
                for kind in self.get_import_resource_classes(request)
            ]
        return response

    def _problems(self, request: HttpRequest, result: Result) -> list[tuple[int, str, str]]:
        """(row below the heading, column as the sheet calls it, sentence) of everything that is wrong."""
        kind = self.get_import_resource_classes(request)[0]
        columns = {name: field.column_name for name, field in kind().fields.items()}
        return [
            (row.number, columns.get(name, "整行"), sentence)
            for row in result.invalid_rows
            for name, sentences in row.error_dict.items()
            for sentence in sentences
        ]

    def create_confirm_form(self, request: HttpRequest, import_form=None):
        if import_form is not None:
            request.session[_SESSION_KEY] = import_form.cleaned_data["import_file"].tmp_storage_name
        return super().create_confirm_form(request, import_form)

    def process_import(self, request: HttpRequest, **kwargs) -> HttpResponse:
        """Only the file that this person has just seen in the preview, once."""
        if not self.has_import_permission(request):
            raise PermissionDenied("您的岗位不能导入此表。")
        name = request.POST.get("import_file_name", "")
        expected = request.session.pop(_SESSION_KEY, None)
        storage = self.get_tmp_storage_class()(name=name)
        if request.method == "POST" and (not name or name != expected or storage.read() is None):
            messages.error(request, "预览已过期，请重新上传文件。")
            return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_import")
        return super().process_import(request, **kwargs)

    def process_result(self, result: Result, request: HttpRequest) -> HttpResponse:
        if result.has_errors() or result.has_validation_errors():
            messages.error(request, "预览之后数据有变化，整份未导入，请重新上传并查看预览。")
            return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_import")
        return super().process_result(result, request)

    def add_data_read_fail_error_to_form(self, form, e: Exception) -> None:
        text = str(e) if isinstance(e, Refused) else "无法读取，请另存为 .xlsx 后重新上传。"
        form.add_error("import_file", text)
