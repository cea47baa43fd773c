from django.urls import path

from approvals.settling.views import moves, steps

app_name = "settling"
urlpatterns = [
    path("", steps.register, name="register"),
    path("case/<int:pk>/appraisal/", steps.appraise, name="appraise"),
    path("case/<int:pk>/<slug:transition>/", moves.move, name="move"),
    path("<int:pk>/", steps.record, name="record"),
    path("<int:pk>/file/<slug:body>/", steps.file, name="file"),
    path("<int:pk>/feedback/", steps.feed_back, name="feed_back"),
    path("<int:pk>/recheck/", steps.recheck, name="recheck"),
    path("filings/<int:pk>/", steps.acknowledge, name="acknowledge"),
]
