"""Addresses of 送达, below /serving/; no name and no number of a person in any."""

from django.urls import path

from approvals.serving import views

app_name = "serving"
urlpatterns = [
    path("<int:pk>/", views.service, name="service"),
    path("<int:pk>/blank/", views.blank, name="blank"),
    path("<int:pk>/<slug:event>/", views.attempt, name="attempt"),
    path("proofs/<int:pk>/file/", views.proof, name="proof"),
]
