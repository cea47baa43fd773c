"""Addresses of recoveries; no name and no number of a person in any."""

from django.urls import path

from approvals.recovering.views import money, procedure

app_name = "recovering"
urlpatterns = [
    path("", procedure.recovery_list, name="list"),
    path("export/", procedure.export, name="export"),
    path("new/<int:pk>/", procedure.new, name="new"),
    path("defences/<int:pk>/", procedure.answer, name="answer"),
    path("waivers/<int:pk>/", money.decide_waiver, name="decide_waiver"),
    path("plans/<int:pk>/", money.decide_plan, name="decide_plan"),
    path("<int:pk>/", procedure.recovery, name="recovery"),
    path("<int:pk>/edit/", procedure.edit, name="edit"),
    path("<int:pk>/defence/", procedure.defence, name="defence"),
    path("<int:pk>/repay/", money.repay, name="repay"),
    path("<int:pk>/waive/", money.waive, name="waive"),
    path("<int:pk>/plan/", money.plan, name="plan"),
    path("<int:pk>/<slug:transition>/", procedure.move, name="move"),
]
