from django.urls import path

from workbench import views

app_name = "workbench"
urlpatterns = [
    path("", views.home, name="home"),
    path("search/", views.search, name="search"),
    path("statistics/", views.statistics, name="statistics"),
    path("case/<str:number>/", views.case, name="case"),
]
