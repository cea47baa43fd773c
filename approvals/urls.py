from django.urls import path

from approvals import views, views_standing, views_statement
from approvals.documents.urls import document_urls

app_name = "approvals"
urlpatterns = [
    path("<int:pk>/<slug:transition>/", views.move, name="move"),
    path("deadlines/<int:pk>/extend/", views.extend, name="extend"),
]
urlpatterns += [path("standing/refresh/", views_standing.refresh, name="refresh_standing")]
urlpatterns += [path("statement/<int:pk>/", views_statement.statement, name="statement")]
urlpatterns += document_urls
