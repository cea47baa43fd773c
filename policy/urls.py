from django.urls import path, re_path

from policy import views

app_name = "policy"
urlpatterns = [
    path("", views.rules, name="rules"),
    path("readiness/", views.readiness, name="readiness"),
    re_path(r"^clauses/(?P<clause_id>[0-9A-Za-z.-]{1,20})/$", views.clause, name="clause"),
]
