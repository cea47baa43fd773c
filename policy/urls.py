from django.urls import path, re_path

from policy import keeping, trial, views

app_name = "policy"
urlpatterns = [
    path("", views.rules, name="rules"),
    path("readiness/", views.readiness, name="readiness"),
    path("trial/", trial.trial, name="trial"),
    path("compare/", keeping.compare, name="compare"),
    path("clauses/", views.clauses, name="clauses"),
    path("drafts/", keeping.drafts, name="drafts"),
    path("<int:pk>/succeed/", keeping.succeed, name="succeed"),
    path("<int:pk>/retire/", keeping.retire, name="retire"),
    re_path(r"^history/(?P<code>[0-9]{1,12})/(?P<key>[a-z0-9_.]{1,80})/$", keeping.history, name="history"),
    re_path(r"^clauses/(?P<clause_id>[0-9A-Za-z.-]{1,20})/$", views.clause, name="clause"),
]
