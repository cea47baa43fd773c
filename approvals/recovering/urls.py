"""Addresses of recoveries; no name and no number of a person in any."""

from django.urls import path

from approvals.recovering import views

app_name = "recovering"
urlpatterns = [
    path("", views.recovery_list, name="list"),
    path("export/", views.export, name="export"),
    path("new/<int:pk>/", views.new, name="new"),
    path("defences/<int:pk>/", views.answer, name="answer"),
    path("waivers/<int:pk>/", views.decide_waiver, name="decide_waiver"),
    path("<int:pk>/", views.recovery, name="recovery"),
    path("<int:pk>/edit/", views.edit, name="edit"),
    path("<int:pk>/defence/", views.defence, name="defence"),
    path("<int:pk>/repay/", views.repay, name="repay"),
    path("<int:pk>/waive/", views.waive, name="waive"),
    path("<int:pk>/<slug:transition>/", views.move, name="move"),
]
