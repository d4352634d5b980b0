from typing import Any

from allauth.account.decorators import secure_admin_login
from csp.decorators import csp_replace
from django.contrib import admin
from django.contrib.auth.decorators import login_required
from django.urls import include, path
from django.views.generic import RedirectView

from chat.admin import close_other_doors
from chat.views.addresses import AddressView
from chat.views.password_reset import password_reset
from chat.views.sign_in import sign_in

ADMINS_POLICY = {"require-trusted-types-for": None, "trusted-types": None}
"""Its own scripts (jQuery) write HTML as strings."""

checked = admin.site.admin_view


def of_the_admin(view: Any, cacheable: bool = False) -> Any:
    return csp_replace(ADMINS_POLICY)(checked(view, cacheable))


admin.autodiscover()
close_other_doors()
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
admin.site.admin_view = of_the_admin  # type: ignore[method-assign]

handler500 = "chat.views.broken.broken"
urlpatterns = [
    path("", include("chat.urls")),
    path("accounts/login/", sign_in, name="account_login"),
    path("accounts/email/", login_required(AddressView.as_view()), name="account_email"),
    path("accounts/password/reset/", password_reset),
    path("accounts/", include("allauth.urls")),
    path("admin/password_change/", RedirectView.as_view(pattern_name="account_change_password")),
    path("admin/", admin.site.urls),
]
