from django.urls import path

from organisations import views

app_name = "organisations"
urlpatterns = [
    path("login/", views.LogIn.as_view(), name="login"),
    path("logout/", views.LogOut.as_view(), name="logout"),
    path("password/", views.password_change, name="password_change"),
    path("second-factor/", views.second_factor_verify, name="second_factor"),
    path("second-factor/enrol/", views.second_factor_enrol, name="second_factor_enrol"),
    path("second-factor/qr.svg", views.second_factor_qr, name="second_factor_qr"),
    path("second-factor/recovery-codes/", views.recovery_codes, name="recovery_codes"),
]
