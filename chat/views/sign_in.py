"""Signing in, where it is not allauth's alone."""

import asyncio
from typing import Any, cast

from allauth.account.views import login
from asgiref.sync import sync_to_async
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from chat.accounts import guard, who_signs_in_as


async def sign_in(request: HttpRequest, **options: Any) -> HttpResponseBase:
    """Whoever waits here holds up nobody: no thread, and no connection of the database."""
    if request.method == "POST":
        wait = sync_to_async(guard.delay_seconds)
        await asyncio.sleep(await wait(request, _login_in(request), who_signs_in_as))
    return cast("HttpResponseBase", await sync_to_async(login)(request, **options))


def _login_in(request: HttpRequest) -> str:
    return str(request.POST.get("login", "")).strip()
