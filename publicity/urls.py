"""Addresses of 公示与异议 for clerks, below /publicity/."""

from django.urls import path

from publicity import views

app_name = "publicity"
urlpatterns = [
    path("", views.notice_list, name="list"),
    path("<int:pk>/objections/new/", views.objection_new, name="objection_new"),
    path("<int:pk>/board-photo/", views.board_photo, name="board_photo"),
    path("objections/<int:pk>/", views.objection_handle, name="objection_handle"),
    path("objections/<int:pk>/phone/", views.objection_phone, name="objection_phone"),
]
