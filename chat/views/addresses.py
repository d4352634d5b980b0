"""The address of one's account."""

from typing import Any

from allauth.account.views import EmailView
from django.conf import settings
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase


class AddressView(EmailView):  # type: ignore[misc]
    def dispatch(self, request: HttpRequest, *args: Any, **options: Any) -> HttpResponseBase:
        """Raises Http404 where no mail could prove an address."""
        if not settings.SITE_SENDS_MAIL:
            raise Http404
        response: HttpResponseBase = super().dispatch(request, *args, **options)
        return response
