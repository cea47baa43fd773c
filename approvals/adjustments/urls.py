from django.urls import path

from approvals.adjustments import views

app_name = "adjustments"
urlpatterns = [
    path("what-if/", views.what_ifs, name="what_ifs"),
    path("what-if/<int:pk>/", views.what_if, name="what_if"),
    path("what-if/<int:pk>/export.xlsx", views.what_if_export, name="what_if_export"),
    path("changes/", views.changes, name="changes"),
    path("changes/<int:pk>/", views.change, name="change"),
    path("changes/<int:pk>/export.xlsx", views.change_export, name="change_export"),
    path("changes/<int:pk>/<slug:township>/propose/", views.propose, name="propose"),
    path("changes/<int:pk>/<slug:township>/confirm/", views.confirm, name="confirm"),
]
