"""A new password for who has forgotten theirs."""

from allauth.account import views
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render


def password_reset(request: HttpRequest) -> HttpResponseBase:
    """By mail, where the site sends any; else it says whom to ask."""
    if not settings.SITE_SENDS_MAIL:
        return render(request, "account/password_reset_without_mail.html")
    answer: HttpResponseBase = views.password_reset(request)
    return answer
