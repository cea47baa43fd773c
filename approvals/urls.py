from django.urls import path

from approvals import views
from approvals.documents.urls import document_urls

app_name = "approvals"
urlpatterns = [
    path("<int:pk>/<slug:transition>/", views.move, name="move"),
    path("deadlines/<int:pk>/extend/", views.extend, name="extend"),
]
urlpatterns += document_urls
