"""Rooms to find, make, join, leave and settle."""

from collections.abc import Callable
from typing import Concatenate, ParamSpec, cast

from allauth.decorators import rate_limit
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Lower
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from chat import access, history
from chat.actions import rooms as actions
from chat.errors import Forbidden, Invalid, NotFound, RateLimited
from chat.forms import RoomForm
from chat.languages import sentence_of
from chat.models import Membership, Room, RoomQuerySet, User
from chat.names import tidy_name
from chat.protocol import MAX_INTEGER
from chat.requests import PersonRequest

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
    listed = _listed(_found(rooms, search), request.user)
    page = Paginator(listed, ROOMS_A_PAGE).get_page(request.GET.get("page"))
    return render(
        request, "chat/rooms/list.html", {"page": page, "search": search, "archived": archived}
    )


@login_required
@limited
def room_new(request: PersonRequest) -> HttpResponse:
    form = RoomForm(request.POST or None)
    status = 200
    if form.is_valid():
        try:
            room = actions.create_room(request.user, form.cleaned_data["name"])
        except (Invalid, RateLimited) as error:
            form.add_error(None, sentence_of(error))
            status = 429 if isinstance(error, RateLimited) else 200
        else:
            return redirect("room", room.slug)
    return render(request, "chat/rooms/new.html", {"form": form}, status=status)


@login_required
@limited
def room_join(request: PersonRequest, slug: str) -> HttpResponse:
    """To the room, or to its message that `seq` names. A GET comes here after signing in on the
    way: it changes nothing."""
    room = _room_at(request.user, slug)
    if request.method == "POST":
        try:
            actions.join_room(request.user, room)
        except Forbidden as error:
            messages.error(request, sentence_of(error))
            return redirect("rooms")
    seq = request.GET.get("seq", "")
    if _is_number(seq):
        return redirect("room-at", room.slug, int(seq))
    return redirect("room", room.slug)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and int(text) <= MAX_INTEGER


@login_required
@limited
def room_leave(request: PersonRequest, slug: str) -> HttpResponse:
    room = _room_at(request.user, slug)
    if request.method != "POST":
        return redirect("room", room.slug)
    actions.leave_room(request.user, room)
    messages.success(request, _("You left “%(room)s”.") % {"room": room.name})
    return redirect("rooms")


@login_required
@limited
def room_settings(request: PersonRequest, slug: str) -> HttpResponse:
    room = _settled_room_at(request.user, slug)
    form = RoomForm(request.POST or None, initial={"name": room.name})
    if form.is_valid():
        room = actions.rename_room(request.user, room, form.cleaned_data["name"])
        messages.success(request, _("The room is called “%(room)s” now.") % {"room": room.name})
        return redirect("room-settings", room.slug)
    return render(request, "chat/rooms/settings.html", {"room": room, "form": form})


@login_required
@require_POST
@limited
def room_archive(request: PersonRequest, slug: str) -> HttpResponse:
    """The field `on` says whether the room is to be archived (1) or open (0)."""
    room = _settled_room_at(request.user, slug)
    if request.POST.get("on") == "1":
        actions.archive_room(request.user, room)
    else:
        actions.unarchive_room(request.user, room)
    return redirect("room-settings", room.slug)


def _found(rooms: RoomQuerySet, search: str) -> RoomQuerySet:
    if not search:
        return rooms
    # SQLite ignores the case of A to Z only; addresses are in small letters in every script.
    address = "-".join(search.lower().split())
    return rooms.filter(Q(name__icontains=search) | Q(slug__contains=address))


def _listed(rooms: RoomQuerySet, person: User) -> RoomQuerySet:
    theirs = Membership.objects.filter(room=OuterRef("pk"), user=person)
    listed: RoomQuerySet = rooms.annotate(
        joined=Exists(theirs), member_count=history.number_of(Membership)
    ).order_by(Lower("name"), "pk")
    return listed


def _room_at(person: User, slug: str) -> Room:
    """Raises Http404 where `access.room_at` raises NotFound."""
    try:
        return access.room_at(person, slug)
    except NotFound:
        raise Http404 from None


def _settled_room_at(person: User, slug: str) -> Room:
    room = _room_at(person, slug)
    if not access.may_settle(person, room):
        raise Http404
    return room
