"""Addresses of the site of machina_settings."""

from django.contrib.auth import views
from django.urls import include, path
from machina import urls

urlpatterns = [
    path("login/", views.LoginView.as_view(), name="login"),
    path("logout/", views.LogoutView.as_view(), name="logout"),
    path("", include(urls)),
]
