from django.urls import path

from approvals.rechecking import views

app_name = "rechecking"
urlpatterns = [
    path("new/<int:pk>/", views.new, name="new"),
    path("<int:pk>/", views.recheck, name="recheck"),
    path("<int:pk>/determine/", views.determine, name="determine"),
]
