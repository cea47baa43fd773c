from django.urls import path

from approvals import views, views_standing
from approvals.documents.urls import document_urls

app_name = "approvals"
urlpatterns = [
    path("<int:pk>/<slug:transition>/", views.move, name="move"),
    path("deadlines/<int:pk>/extend/", views.extend, name="extend"),
]
urlpatterns += [path("standing/refresh/", views_standing.refresh, name="refresh_standing")]
urlpatterns += document_urls
