"""Rooms to find, make, join, leave and settle."""

from collections.abc import Callable
from functools import partial
from typing import Concatenate, ParamSpec, cast

from allauth.decorators import rate_limit
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from chat import access, history
from chat.actions import rooms as actions
from chat.errors import Forbidden, Invalid, RateLimited
from chat.forms import RoomForm
from chat.languages import sentence_of
from chat.models import Room, RoomQuerySet
from chat.names import tidy_name
from chat.protocol import MAX_INTEGER
from chat.requests import PersonRequest
from chat.templatetags.bidi import isolated
from chat.views.absent import absent_is_404
from chat.views.room import closed

MOST_NAMED = 100
"""People who were put out that a page names, the latest first."""

ROOMS_A_PAGE = 50
Rest = ParamSpec("Rest")
View = Callable[Concatenate[PersonRequest, Rest], HttpResponse]


def limited(view: View[Rest]) -> View[Rest]:
    """Only so many a minute and person, as ACCOUNT_RATE_LIMITS says; a GET is free."""
    return cast("View[Rest]", rate_limit(action="rooms")(view))


@login_required
def room_list(request: PersonRequest) -> HttpResponse:
    search = tidy_name(request.GET.get("q", ""))
    archived = request.GET.get("show") == "archived"
    rooms = access.findable_rooms(request.user).filter(archived_at__isnull=not archived)
    listed = history.listed(_found(rooms, search), request.user)
    page = Paginator(listed, ROOMS_A_PAGE).get_page(request.GET.get("page"))
    return render(
        request, "chat/rooms/list.html", {"page": page, "search": search, "archived": archived}
    )


@login_required
@limited
def room_new(request: PersonRequest) -> HttpResponse:
    form = RoomForm(request.user, data=request.POST or None)
    room, status = _named(form, partial(actions.create_room, request.user))
    if room:
        return redirect("room", room.slug)
    return render(request, "chat/rooms/new.html", {"form": form}, status=status)


@login_required
@limited
@absent_is_404()
def room_join(request: PersonRequest, slug: str) -> HttpResponse:
    """To the room, or to its message that `seq` names. A GET comes here after signing in on the
    way: it changes nothing."""
    room = access.room_at(request.user, slug)
    if request.method == "POST":
        try:
            actions.join_room(request.user, room)
        except Forbidden as refusal:
            return closed(request, room, refusal)
    seq = request.GET.get("seq", "")
    if _is_number(seq):
        return redirect("room-at", room.slug, int(seq))
    return redirect("room", room.slug)


def _is_number(text: str) -> bool:
    """Of bounded length: Python reads no number of thousands of digits."""
    bounded = len(text) <= len(str(MAX_INTEGER))
    return bounded and text.isascii() and text.isdecimal() and int(text) <= MAX_INTEGER


@login_required
@limited
@absent_is_404()
def room_leave(request: PersonRequest, slug: str) -> HttpResponse:
    room = access.room_at(request.user, slug)
    if request.method != "POST":
        return redirect("room", room.slug)
    actions.leave_room(request.user, room)
    messages.success(request, _("You left “%(room)s”.") % {"room": room.name})
    return redirect("rooms")


@login_required
@limited
@absent_is_404()
def room_settings(request: PersonRequest, slug: str) -> HttpResponse:
    room = access.settled_room_at(request.user, slug)
    form = RoomForm(request.user, room, data=request.POST or None, initial={"name": room.name})
    renamed, status = _named(form, partial(actions.rename_room, request.user, room))
    if renamed:
        messages.success(request, _("The room is called “%(room)s” now.") % {"room": renamed.name})
        return redirect("room-settings", renamed.slug)
    departures = access.put_out_of(room).select_related("user").order_by("-pk")
    put_out = [departure.user for departure in departures[:MOST_NAMED]]
    context = {"room": room, "form": form, "put_out": put_out}
    return render(request, "chat/rooms/settings.html", context, status=status)


def _named(form: RoomForm, act: Callable[[str], Room]) -> tuple[Room | None, int]:
    """The room that was made or renamed; none, and the page's status, when the form has something
    to say first."""
    if not form.is_valid():
        return None, 200
    try:
        return act(form.cleaned_data["name"]), 200
    except (Invalid, RateLimited) as refusal:
        form.add_error(None, sentence_of(refusal))
        return None, 429 if isinstance(refusal, RateLimited) else 200


@login_required
@require_POST
@limited
@absent_is_404()
def room_archive(request: PersonRequest, slug: str) -> HttpResponse:
    """The field `on` says whether the room is to be archived (1) or open (0)."""
    room = access.settled_room_at(request.user, slug)
    if request.POST.get("on") == "1":
        actions.archive_room(request.user, room)
    else:
        actions.unarchive_room(request.user, room)
    return redirect("room-settings", room.slug)


@login_required
@require_POST
@limited
@absent_is_404()
def room_let_in(request: PersonRequest, slug: str) -> HttpResponse:
    """The field `person` names somebody who was put out by their id: they may join again."""
    room = access.settled_room_at(request.user, slug)
    named = request.POST.get("person", "")
    former = access.put_out_of(room).filter(user=int(named) if _is_number(named) else 0).first()
    if former:
        actions.let_in_again(request.user, room, former.user)
        done = _("%(person)s may join again.") % {"person": isolated(former.user.get_full_name())}
        messages.success(request, done)
    return redirect("room-settings", room.slug)


def _found(rooms: RoomQuerySet, search: str) -> RoomQuerySet:
    if not search:
        return rooms
    # SQLite ignores the case of A to Z only; addresses are in small letters in every script.
    address = "-".join(search.lower().split())
    return rooms.filter(Q(name__icontains=search) | Q(slug__contains=address))
