"""The address of one's account."""

from typing import Any

from allauth.account.views import EmailView
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render


class AddressView(EmailView):  # type: ignore[misc]
    def dispatch(self, request: HttpRequest, *args: Any, **options: Any) -> HttpResponseBase:
        """Where no mail could prove an address, there is none to change."""
        if not settings.SITE_SENDS_MAIL:
            return render(request, "account/email_off.html")
        response: HttpResponseBase = super().dispatch(request, *args, **options)
        return response

    def _action_primary(self, request: HttpRequest, *args: Any, **options: Any) -> None:
        """The one that is proven is the one: a claim becomes it by its link alone."""
