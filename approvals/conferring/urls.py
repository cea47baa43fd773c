from django.urls import path

from approvals.conferring import views

app_name = "conferring"
urlpatterns = [
    path("", views.meetings, name="meetings"),
    path("record/", views.record, name="record"),
    path("<int:pk>/", views.meeting, name="meeting"),
    path("<int:pk>/scan/", views.scan, name="scan"),
]
