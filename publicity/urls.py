"""Addresses of 公示与异议 for clerks, below /publicity/."""

from django.urls import path

from publicity import views, views_standing

app_name = "publicity"
urlpatterns = [
    path("", views.notice_list, name="list"),
    path("<int:pk>/objections/new/", views.objection_new, name="objection_new"),
    path("<int:pk>/board-photo/", views.board_photo, name="board_photo"),
    path("objections/<int:pk>/", views.objection_handle, name="objection_handle"),
    path("standing/", views_standing.standing_list, name="standing_list"),
    path("standing/<int:pk>/", views_standing.standing, name="standing"),
    path("standing/<int:pk>/poster.pdf", views_standing.poster, name="standing_poster"),
    path("standing/<int:pk>/photo/", views_standing.standing_photo, name="standing_photo"),
    path("standing/photos/<int:pk>/", views_standing.photo, name="photo"),
    path("objections/<int:pk>/phone/", views.objection_phone, name="objection_phone"),
]
