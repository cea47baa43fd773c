"""Addresses without log-in, below /public/. No name and no number stands in any of them."""

from django.urls import path

from publicity import public_views

app_name = "public"
urlpatterns = [
    path("", public_views.index, name="index"),
    path("standing/<slug:code>/", public_views.standing, name="standing"),
    path("n/<str:token>/", public_views.notice, name="notice"),
    path("n/<str:token>/object/", public_views.objection, name="object"),
    path("n/<str:token>/object/sent/", public_views.objection_sent, name="object_sent"),
]
