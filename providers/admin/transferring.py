"""Pages of the admin that write rows to a file and read them from one."""

from typing import Any, Final

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _

from providers.transfer import MAX_BYTES, Unusable

IMPORT_PAGE: Final = "admin/transfer_import.html"


class ImportForm(forms.Form):
    file = forms.FileField(label=_("File (JSON or YAML)"))


class TransferViews:
    """To be mixed into an admin that says what its file holds and how one is read. Its list's page is
    `admin/transfer_list.html`."""

    admin_site: Any
    opts: Any
    change_list_template: Any = "admin/transfer_list.html"
    import_note: Any  # what an import does to what is there

    def exported_rows(self) -> dict[str, Any]:
        raise NotImplementedError

    def imported_rows(self, data: bytes) -> str:
        """What was done, in a sentence. Raises Unusable."""
        raise NotImplementedError

    def transfer_urls(self) -> list[URLPattern]:
        views = {"import": self.import_view, "export": self.export_view}
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        return [
            path(f"{step}/", self.admin_site.admin_view(view), name=f"{name}_{step}")
            for step, view in views.items()
        ]

    def export_view(self, request: HttpRequest) -> HttpResponse:
        self._refuse_without(request, "view")
        return as_file(self.exported_rows(), f"{self.opts.model_name}s.json")

    def import_view(self, request: HttpRequest) -> HttpResponse:
        self._refuse_without(request, "add", "change")
        form = ImportForm(request.POST or None, request.FILES or None)
        problems: list[str] = []
        if request.method == "POST" and form.is_valid():
            try:
                messages.success(request, self.imported_rows(form.cleaned_data["file"].read(MAX_BYTES + 1)))
            except Unusable as error:
                problems = error.problems
            else:
                return redirect(reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist"))
        context = {"form": form, "problems": problems, "opts": self.opts, "note": self.import_note}
        return TemplateResponse(request, IMPORT_PAGE, {**self.admin_site.each_context(request), **context})

    def _refuse_without(self, request: HttpRequest, *rights: str) -> None:
        wanted = [f"{self.opts.app_label}.{right}_{self.opts.model_name}" for right in rights]
        if not request.user.has_perms(wanted):
            raise PermissionDenied


def as_file(content: dict[str, Any], name: str) -> HttpResponse:
    answer = JsonResponse(content, json_dumps_params={"indent": 2, "ensure_ascii": False})
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
