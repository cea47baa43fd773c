from django.urls import path

from approvals.settling import views

app_name = "settling"
urlpatterns = [
    path("", views.register, name="register"),
    path("case/<int:pk>/appraisal/", views.appraise, name="appraise"),
    path("case/<int:pk>/<slug:transition>/", views.move, name="move"),
    path("<int:pk>/", views.record, name="record"),
    path("<int:pk>/file/<slug:body>/", views.file, name="file"),
    path("<int:pk>/feedback/", views.feed_back, name="feed_back"),
    path("<int:pk>/recheck/", views.recheck, name="recheck"),
    path("filings/<int:pk>/", views.acknowledge, name="acknowledge"),
]
