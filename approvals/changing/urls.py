"""Addresses of changes; no name and no number of a person in any."""

from django.urls import path

from approvals.changing import views

app_name = "changing"
urlpatterns = [
    path("", views.change_list, name="list"),
    path("new/<int:pk>/", views.new, name="new"),
    path("evidence/<int:pk>/file/", views.evidence_file, name="evidence_file"),
    path("defences/<int:pk>/", views.answer, name="answer"),
    path("<int:pk>/", views.change, name="change"),
    path("<int:pk>/edit/", views.edit, name="edit"),
    path("<int:pk>/evidence/", views.evidence, name="evidence"),
    path("<int:pk>/defence/", views.defence, name="defence"),
    path("<int:pk>/<slug:transition>/", views.move, name="move"),
]
