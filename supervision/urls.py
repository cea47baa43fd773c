from django.urls import path

from supervision import views

app_name = "supervision"
urlpatterns = [
    path("runs/", views.run_list, name="runs"),
    path("runs/draw/", views.draw, name="draw"),
    path("runs/<int:pk>/", views.run, name="run"),
    path("runs/<int:pk>/frame.csv", views.frame, name="frame"),
    path("runs/<int:pk>/redraw/", views.run_redraw, name="redraw"),
    path("runs/reviews/<int:pk>/", views.review, name="review"),
    path("money/", views.money, name="money"),
    path("money/export", views.money_export, name="money_export"),
    path("findings/", views.finding_list, name="findings"),
    path("findings/<int:pk>/", views.finding, name="finding"),
    path("findings/<int:pk>/answer/", views.finding_answer, name="finding_answer"),
    path("findings/<int:pk>/close/", views.finding_close, name="finding_close"),
    path("findings/<int:pk>/return/", views.finding_return, name="finding_return"),
]
