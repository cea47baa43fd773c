from django.urls import path

from approvals.relief import views

app_name = "relief"
urlpatterns = [
    path("", views.relief_list, name="list"),
    path("register/", views.register, name="register"),
    path("<int:pk>/", views.detail, name="detail"),
    path("<int:pk>/acknowledge/", views.acknowledge, name="acknowledge"),
    path("<int:pk>/unmask/", views.unmask, name="unmask"),
    path("<int:pk>/receipt.pdf", views.receipt, name="receipt"),
    path("<int:pk>/<slug:name>/", views.move, name="move"),
]
