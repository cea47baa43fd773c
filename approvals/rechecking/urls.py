from django.urls import path

from approvals.rechecking import views, views_renewal

app_name = "rechecking"
urlpatterns = [
    path("new/<int:pk>/", views.new, name="new"),
    path("<int:pk>/", views.recheck, name="recheck"),
    path("<int:pk>/determine/", views.determine, name="determine"),
    path("renewal/<int:pk>/", views_renewal.renew, name="renew"),
    path("<int:pk>/file/<slug:body>/", views_renewal.file, name="file"),
    path("<int:pk>/feedback/", views_renewal.feed_back, name="feed_back"),
]
