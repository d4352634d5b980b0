"""The front door: where `/` leads, and the first run of an empty site."""

from ipaddress import ip_address

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from chat import access, first_run
from chat.actions.first_run import set_up_site
from chat.errors import Forbidden
from chat.forms import FirstRunForm
from chat.models import User

# Any of these says that the request came from somewhere else, whatever its own address is.
_FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP", "HTTP_VIA")


@never_cache
@sensitive_post_parameters("password")
def home(request: HttpRequest) -> HttpResponse:
    if first_run.is_needed():
        return _first_run_page(request, may_open=settings.DEBUG and _is_from_loopback(request))
    if not isinstance(request.user, User):
        return redirect("account_login")
    return _last_room(request.user)


@never_cache
@sensitive_post_parameters("password")
def first_run_by_link(request: HttpRequest, token: str) -> HttpResponse:
    if not first_run.is_needed():
        return _already_set_up(request)
    return _first_run_page(request, may_open=first_run.opens(token))


def _first_run_page(request: HttpRequest, *, may_open: bool) -> HttpResponse:
    if not may_open:
        return _closed(request)
    form = FirstRunForm(request.POST or None)
    if form.is_valid():
        return _set_up(request, form)
    return render(request, "chat/first_run.html", {"form": form})


def _set_up(request: HttpRequest, form: FirstRunForm) -> HttpResponse:
    given = form.cleaned_data
    try:
        person, room = set_up_site(
            given["username"], given["name"], given["password"], given["room"]
        )
    except Forbidden:
        return _already_set_up(request)
    except ValidationError as taken:
        form.add_error(None, taken)
        return render(request, "chat/first_run.html", {"form": form})
    login(request, person, backend="django.contrib.auth.backends.ModelBackend")
    return redirect("room", room.slug)


def _already_set_up(request: HttpRequest) -> HttpResponse:
    if request.user.is_anonymous:
        messages.info(request, _("This chat is set up already. Sign in instead."))
    return redirect("home")


def _closed(request: HttpRequest) -> HttpResponse:
    if isinstance(request.user, User):
        return _last_room(request.user)
    return render(request, "chat/first_run_closed.html", status=403)


def _last_room(person: User) -> HttpResponse:
    rooms = access.findable_rooms(person).current().filter(memberships__user=person)
    room = rooms.filter(pk=person.last_room_id).first() or rooms.order_by("pk").first()
    return redirect("room", room.slug) if room else redirect("rooms")


def _is_from_loopback(request: HttpRequest) -> bool:
    if settings.TRUST_PROXY:
        # What stands last was written by our own proxies; before it anyone may have written.
        told = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
        return _is_loopback(told[-settings.TRUST_PROXY :][0])
    if any(header in request.META for header in _FORWARDED):
        return False
    return _is_loopback(request.META.get("REMOTE_ADDR", ""))


def _is_loopback(text: str) -> bool:
    try:
        address = ip_address(text.strip())
    except ValueError:
        return False
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback
