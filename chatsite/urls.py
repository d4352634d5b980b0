from typing import Any

from allauth.account.decorators import secure_admin_login
from csp.decorators import csp_replace
from django.contrib import admin
from django.urls import include, path

from chat.views.password_reset import password_reset

ADMINS_POLICY = {"require-trusted-types-for": None, "trusted-types": None}
"""Its own scripts (jQuery) write HTML as strings."""

checked = admin.site.admin_view


def of_the_admin(view: Any, cacheable: bool = False) -> Any:
    return csp_replace(ADMINS_POLICY)(checked(view, cacheable))


admin.autodiscover()
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
admin.site.admin_view = of_the_admin  # type: ignore[method-assign]

handler500 = "chat.views.broken.broken"
urlpatterns = [
    path("", include("chat.urls")),
    path("accounts/password/reset/", password_reset),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
]
