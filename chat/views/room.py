"""A room's page: the newest messages, or those around one."""

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from chat import history, presentation
from chat.actions.people import visit_room
from chat.actions.rooms import may_settle
from chat.models import Membership, Room, RoomSlug, User
from chat.requests import PersonRequest
from chat.views.message_rows import blank_row, message_rows
from chat.views.words import words

QUICK_REACTIONS = ("👍", "❤️", "😂")


@login_required
@never_cache
@require_safe
def room_page(request: PersonRequest, slug: str, seq: int | None = None) -> HttpResponse:
    """To a member the room, with the message at `seq` in view; to others the way in."""
    membership = (
        Membership.objects.select_related("room").filter(user=request.user, room__slug=slug).first()
    )
    if membership is None:
        return _way_in(request, slug, seq)
    visit_room(request.user, membership.room)
    return render(request, "chat/room.html", _room_context(request.user, membership, seq))


def _room_context(user: User, membership: Membership, seq: int | None) -> dict[str, Any]:
    room = membership.room
    rooms = history.rooms_of(user.pk)
    # An archived room is in nobody's list, but its members may still read it.
    info = next(
        (info for info in rooms if info["id"] == room.pk), history.room_info(membership, unread=0)
    )
    shown = history.page(room, around=seq)
    page = shown.data()
    return {
        "info": info,
        "rooms": rooms,
        "archived": room.archived_at is not None,
        "may_settle": may_settle(user, room),
        "page": page,
        "rows": list(message_rows(page["messages"], user, info, seq)),
        "blank_row": blank_row(),
        "quick_reactions": QUICK_REACTIONS,
        "max_body": settings.CHAT_MAX_BODY,
        "page_data": {
            "person": presentation.person(user),
            "people_version": shown.people_version,
            "build": settings.BUILD,
            "info": info,
            "rooms": rooms,
            "page": page,
            "at": seq,
            "archived": room.archived_at is not None,
            "moderates": user.is_staff,
            "words": words(),
        },
    }


def _way_in(request: PersonRequest, slug: str, seq: int | None) -> HttpResponse:
    """Raises Http404 where there is no room, or one that may not be joined any more."""
    if room := Room.objects.current().filter(slug=slug).first():
        context = {"room": room, "members": room.memberships.count()}
        return render(request, "chat/join.html", context)
    renamed = RoomSlug.objects.select_related("room").filter(slug=slug).first()
    if renamed is None:
        raise Http404
    address = [renamed.room.slug] if seq is None else [renamed.room.slug, seq]
    return redirect("room" if seq is None else "room-at", *address)
