from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.html import format_html
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from chat import access
from chat.actions.messages import moderate_message
from chat.actions.notes import note
from chat.admin.kept import MOST_AT_ONCE, ReadOnlyAdmin
from chat.models import Message, Room, User
from chat.requests import PersonRequest

EXCERPT = 120

MAX_SEARCH = 200
"""Characters: a note holds all of it."""


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin):
    """Whoever reads here what was said in any room leaves a note of it, as do those who search; the
    list alone shows nobody's words."""

    list_display = ("place", "author", "room", "seq", "created_at", "deleted")
    list_filter = ("deleted",)
    list_select_related = ("author", "room")
    search_fields = ("body",)
    search_help_text = _("Words of the message. It is noted who searched for what.")
    ordering = ("-pk",)
    actions = ("empty",)
    fields = ("room", "author", "body", "created_at", "edited_at", "deleted", "seq", "changed_seq")
    lookups = ("deleted__exact", "room__id__exact", "author__id__exact")

    def has_moderate_permission(self, request: PersonRequest) -> bool:
        return access.moderates(request.user)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        may_look = super().has_view_permission(request, obj)
        return may_look or request.user.has_perm("chat.moderate")

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        return ("excerpt", *self.list_display[1:]) if _searched(request) else self.list_display

    def changelist_view(  # type: ignore[override]
        self, request: PersonRequest, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        searched = _searched(request)
        if len(searched) > MAX_SEARCH or "\0" in searched:
            told = _("Search for at most %(most)d characters, none of them unseen.")
            self.message_user(request, told % {"most": MAX_SEARCH}, messages.WARNING)
            return redirect(request.path)
        if searched and self.has_view_permission(request):
            note(request.user, Message, f"Searched for “{searched}” in {_where(request)}")
        return super().changelist_view(request, extra_context)

    def changeform_view(  # type: ignore[override]
        self,
        request: PersonRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, object] | None = None,
    ) -> HttpResponse:
        message = self.get_object(request, unquote(object_id)) if object_id else None
        if message and self.has_view_permission(request, message):
            note(request.user, message, f"Looked at, in {message.room}")
        return super().changeform_view(request, object_id, form_url, extra_context)

    @admin.display(description=_("message"))
    def place(self, message: Message) -> str:
        return str(message)

    @admin.display(description=_("message"))
    def excerpt(self, message: Message) -> str:
        return format_html("<bdi>{}</bdi>", Truncator(message.body).chars(EXCERPT) or "-")

    @admin.action(description=_("Empty the selected messages"), permissions=["moderate"])
    def empty(self, request: PersonRequest, queryset: QuerySet[Message]) -> None:
        emptied = 0
        for message in queryset.filter(deleted=False).select_related("room")[:MOST_AT_ONCE]:
            emptied += moderate_message(request.user, message).new
        told = ngettext("%d message emptied.", "%d messages emptied.", emptied) % emptied
        self.message_user(request, told, messages.SUCCESS)


def _searched(request: HttpRequest) -> str:
    return request.GET.get("q", "").strip()


def _where(request: HttpRequest) -> str:
    """All that the list is narrowed to: whoever repeats a filter sees what any of them leaves."""
    rooms = [_named(Room, each) for each in request.GET.getlist("room__id__exact")]
    people = [_named(User, each) for each in request.GET.getlist("author__id__exact")]
    by = f", by {', '.join(people)}" if people else ""
    return f"{', '.join(rooms) or 'all rooms'}{by}"


def _named(kind: type[Model], number: str) -> str:
    try:
        row = kind._default_manager.filter(pk=number).first()
    except ValueError:  # no number, which finds nothing either
        row = None
    return str(row or f"“{number.replace(chr(0), '')}”")
