"""What pages and other programs read over HTTP."""

from typing import Annotated, Any, cast

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from ninja import NinjaAPI, Query
from ninja.renderers import BaseRenderer
from ninja.security import django_auth
from pydantic_core import to_json

from chat import access, history
from chat.errors import ChatError, NotFound
from chat.models import User
from chat.presentation import person

MEMBERS = 100
"""People in one answer; the next one begins after the last."""


class CompactJSON(BaseRenderer):
    """Letters of every script in as few bytes as they need."""

    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:  # noqa: ARG002
        return to_json(data, fallback=str)


class PrivateAPI(NinjaAPI):
    """What it answers is one person's, and is kept nowhere on the way."""

    def create_response(self, *args: Any, **options: Any) -> HttpResponse:
        response = super().create_response(*args, **options)
        response.headers["Cache-Control"] = "private, no-store"
        return response


api = PrivateAPI(
    title="Chatsite",
    version="1",
    auth=django_auth,
    renderer=CompactJSON(),
    docs_url=None,
    openapi_url=None,
)

Seq = Annotated[int | None, Query(ge=0, le=2**53 - 1)]


@api.exception_handler(ChatError)
def refuse(request: HttpRequest, error: ChatError) -> HttpResponse:
    status = 404 if isinstance(error, NotFound) else 400
    return api.create_response(request, error.fields(gettext), status=status)


@api.get("rooms/{int:room_id}/messages")
def messages(
    request: HttpRequest,
    room_id: int,
    before: Seq = None,
    after: Seq = None,
    around: Seq = None,
    limit: Annotated[int, Query(ge=1, le=history.MAX_PAGE)] = history.PAGE,
) -> dict[str, Any]:
    reader = _person(request)
    room = access.room_for(reader, room_id)
    page = history.page(room, before=before, after=after, around=around, limit=limit)
    return page.data(reader.pk)


@api.get("rooms/{int:room_id}/members")
def members(
    request: HttpRequest, room_id: int, after: Annotated[int, Query(ge=0)] = 0
) -> list[dict[str, Any]]:
    room = access.room_for(_person(request), room_id)
    people = room.members.filter(pk__gt=after).order_by("pk")[:MEMBERS]
    return [person(user) for user in people]


def _person(request: HttpRequest) -> User:
    return cast("User", request.user)
