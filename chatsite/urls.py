from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path

from chat.views.password_reset import password_reset

admin.autodiscover()
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

handler500 = "chat.views.broken.broken"
urlpatterns = [
    path("", include("chat.urls")),
    path("accounts/password/reset/", password_reset),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
]
