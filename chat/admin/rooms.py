from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.db.models import Model, OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from chat import access, history, presence
from chat.actions.rooms import archive_room, rename_room, unarchive_room
from chat.admin.kept import FoundAdmin
from chat.models import Membership, Message, Room, User
from chat.requests import PersonRequest

MOST_NAMED = 100


class ArchivedFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "archived"

    def lookups(self, *_: object) -> list[tuple[str, str]]:
        return [("0", gettext("Open")), ("1", gettext("Archived"))]

    def queryset(self, _request: HttpRequest, rooms: QuerySet[Room]) -> QuerySet[Room]:
        if self.value() not in ("0", "1"):
            return rooms
        return rooms.filter(archived_at__isnull=self.value() == "0")


@admin.register(Room)
class RoomAdmin(FoundAdmin):
    list_display = (
        "name",
        "slug",
        "members_count",
        "messages_count",
        "last_activity",
        "here_count",
        "archived_at",
    )
    list_filter = (ArchivedFilter,)
    list_per_page = 50
    list_select_related = ("maker",)
    search_fields = ("name", "slug")
    ordering = ("name", "pk")
    actions = ("archive", "unarchive")
    fields = (
        "name",
        "slug",
        "maker",
        "created_at",
        "archived_at",
        "members_count",
        "messages_count",
        "last_activity",
        "here",
    )
    readonly_fields = fields[1:]
    lookups = ("archived",)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        if isinstance(obj, Room) and isinstance(request.user, User):
            return access.may_settle(request.user, obj)
        return super().has_change_permission(request, obj)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Room]:
        newest = Message.objects.filter(room=OuterRef("pk")).order_by("-seq")
        rooms: QuerySet[Room] = super().get_queryset(request)
        return rooms.annotate(
            members_number=history.number_of(Membership),
            messages_number=history.number_of(Message),
            said_last=Subquery(newest.values("created_at")[:1]),
        )

    @admin.display(description=_("members"), ordering="members_number")
    def members_count(self, room: Any) -> SafeString:
        return _link_to("chat_membership", room, room.members_number)

    @admin.display(description=_("messages"), ordering="messages_number")
    def messages_count(self, room: Any) -> SafeString:
        return _link_to("chat_message", room, room.messages_number)

    @admin.display(description=_("last activity"), ordering="said_last")
    def last_activity(self, room: Any) -> Any:
        return room.said_last

    @admin.display(description=_("connected now"))
    def here_count(self, room: Room) -> int:
        return len(presence.here(room.pk))

    @admin.display(description=_("connected now"))
    def here(self, room: Room) -> str:
        ids = presence.here(room.pk)
        named = User.objects.filter(pk__in=sorted(ids)[:MOST_NAMED]).order_by("username")
        names = ", ".join(person.get_full_name() for person in named)
        return f"{names} …" if len(ids) > MOST_NAMED else names or "-"

    def save_model(  # type: ignore[override]
        self,
        request: PersonRequest,
        obj: Room,
        form: Any,  # noqa: ARG002
        change: bool,  # noqa: ARG002
    ) -> None:
        obj.slug = rename_room(request.user, obj, obj.name).slug

    @admin.action(description=_("Archive the selected rooms"), permissions=["change"])
    def archive(self, request: PersonRequest, queryset: QuerySet[Room]) -> None:
        self._settle(request, queryset, archive_room, "Archived")

    @admin.action(description=_("Open the selected rooms again"), permissions=["change"])
    def unarchive(self, request: PersonRequest, queryset: QuerySet[Room]) -> None:
        self._settle(request, queryset, unarchive_room, "Opened again")

    def _settle(
        self,
        request: PersonRequest,
        rooms: QuerySet[Room],
        act: Callable[[User, Room], None],
        done: str,
    ) -> None:
        def settle(room: Room) -> None:
            act(request.user, room)
            self.log_change(request, room, done)

        self.do_to_each(request, rooms, settle)


def _link_to(changelist: str, room: Room, number: int) -> SafeString:
    url = reverse(f"admin:{changelist}_changelist", query={"room__id__exact": room.pk})
    return format_html('<a href="{}">{}</a>', url, number)
