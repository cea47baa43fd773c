from django.urls import path

from policy import api

app_name = "policy_api"
urlpatterns = [path("assess", api.assess, name="assess")]
