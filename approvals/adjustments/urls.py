from django.urls import path

from approvals.adjustments.views import changes, deciding, what_if

app_name = "adjustments"
urlpatterns = [
    path("what-if/", what_if.what_ifs, name="what_ifs"),
    path("what-if/<int:pk>/", what_if.what_if, name="what_if"),
    path("what-if/<int:pk>/export.xlsx", what_if.what_if_export, name="what_if_export"),
    path("changes/", changes.changes, name="changes"),
    path("changes/<int:pk>/", changes.change, name="change"),
    path("changes/<int:pk>/export.xlsx", changes.change_export, name="change_export"),
    path("changes/<int:pk>/<slug:township>/propose/", deciding.propose, name="propose"),
    path("changes/<int:pk>/<slug:township>/confirm/", deciding.confirm, name="confirm"),
    path("changes/<int:pk>/<slug:township>/return/", deciding.return_drafts, name="return_drafts"),
    path("changes/<int:pk>/<slug:township>/again/", deciding.compute_again, name="compute_again"),
    path("drafts/<int:pk>/", deciding.settle, name="settle"),
]
