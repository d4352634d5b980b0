"""The page for what went wrong."""

import sys

from django.http import HttpRequest, HttpResponse
from django.views.defaults import server_error

from chat import database


def broken(request: HttpRequest) -> HttpResponse:
    """503 where only the database is away: a proxy, or a page, may well ask again."""
    response = server_error(request)
    if isinstance(sys.exc_info()[1], database.AWAY):
        response.status_code = 503
    return response
