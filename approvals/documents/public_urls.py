"""Addresses of papers without log-in, below /public/papers/: a random word, no list."""

from django.urls import path

from approvals.documents import public_views

app_name = "papers"
urlpatterns = [path("<str:token>/", public_views.check, name="check")]
