from django.urls import path

from policy import views

app_name = "policy"
urlpatterns = [
    path("", views.rules, name="rules"),
    path("clauses/<str:clause_id>/", views.clause, name="clause"),
]
