from django.urls import path

from workbench import views
from workbench.month import views as month

app_name = "workbench"
urlpatterns = [
    path("", views.home, name="home"),
    path("search/", views.search, name="search"),
    path("statistics/", views.statistics, name="statistics"),
    path("month/", month.month, name="month"),
    path("month/gaps/<slug:key>/", month.month_gap, name="month_gap"),
    path("case/<str:number>/", views.case, name="case"),
]
