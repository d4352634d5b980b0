"""A room's page: the newest messages, or those around one."""

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from chat import access, history, presentation
from chat.actions.people import visit_room
from chat.errors import Forbidden
from chat.languages import sentence_of
from chat.models import Room, User
from chat.requests import PersonRequest
from chat.views.absent import absent_is_404
from chat.views.message_rows import blank_row, message_rows
from chat.views.words import words

QUICK_REACTIONS = ("👍", "❤️", "😂")


@login_required
@never_cache
@require_safe
@absent_is_404()
def room_page(request: PersonRequest, slug: str, seq: int | None = None) -> HttpResponse:
    """To a member the room, with the message at `seq` in view; to others the way in."""
    membership = access.membership_at(request.user, slug)
    if membership is None:
        return _way_in(request, slug, seq)
    visit_room(request.user, membership.room)
    return render(request, "chat/room.html", _room_context(request.user, membership, seq))


def _room_context(user: User, membership: Any, seq: int | None) -> dict[str, Any]:
    room = membership.room
    rooms = history.rooms_of(user.pk)
    # An archived room is in nobody's list, but its members may still read it.
    info = next(
        (info for info in rooms if info["id"] == room.pk), history.room_info(membership, unread=0)
    )
    shown = _page(room, info, seq)
    page = shown.data(user.pk)
    messages = page["messages"]
    return {
        "info": info,
        "rooms": rooms,
        "archived": room.archived_at is not None,
        "may_settle": access.may_settle(user, room, is_in=True),
        "page": page,
        "rows": list(message_rows(messages, user, info, seq, more_before=page["more_before"])),
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
            "moderates": membership.moderates,
            "words": words(),
        },
    }


def _page(room: Room, info: dict[str, Any], seq: int | None) -> history.Page:
    """Around the message that is asked for, else around the first that is new, else the newest."""
    page = history.page(room, around=seq)
    begins_before = page.more_before and page.messages[0].seq > info["read_seq"] + 1
    if seq is None and info["unread"] and begins_before:
        return history.page(room, around=info["read_seq"] + 1)
    return page


def _way_in(request: PersonRequest, slug: str, seq: int | None) -> HttpResponse:
    room = access.room_at(request.user, slug)
    if room.slug != slug:
        address = [room.slug] if seq is None else [room.slug, seq]
        return redirect("room" if seq is None else "room-at", *address)
    try:
        access.check_joins(request.user, room)
    except Forbidden as refusal:
        return closed(request, room, refusal)
    context = {"room": room, "members": room.memberships.count(), "seq": seq}
    return render(request, "chat/join.html", context)


def closed(request: PersonRequest, room: Room, refusal: Forbidden) -> HttpResponse:
    """Of a room that one may find and not enter: why."""
    context = {"room": room, "why": sentence_of(refusal)}
    return render(request, "chat/closed.html", context, status=403)
