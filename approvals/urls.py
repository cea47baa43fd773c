from django.urls import path

from approvals import views

app_name = "approvals"
urlpatterns = [
    path("<int:pk>/<slug:transition>/", views.move, name="move"),
    path("deadlines/<int:pk>/extend/", views.extend, name="extend"),
]
