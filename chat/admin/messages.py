from django.contrib import admin, messages
from django.db.models import QuerySet
from django.utils.html import format_html
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from chat import access
from chat.actions.messages import moderate_message
from chat.admin.kept import MOST_AT_ONCE, ReadOnlyAdmin
from chat.models import Message
from chat.requests import PersonRequest

EXCERPT = 120


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin):
    list_display = ("excerpt", "author", "room", "seq", "created_at", "deleted")
    list_filter = ("deleted",)
    list_select_related = ("author", "room")
    search_fields = ("body",)
    search_help_text = _("Words of the message")
    ordering = ("-pk",)
    actions = ("empty",)
    fields = ("room", "author", "body", "created_at", "edited_at", "deleted", "seq", "changed_seq")

    def has_moderate_permission(self, request: PersonRequest) -> bool:
        return access.moderates(request.user)

    @admin.display(description=_("message"))
    def excerpt(self, message: Message) -> str:
        return format_html("<bdi>{}</bdi>", Truncator(message.body).chars(EXCERPT) or "-")

    @admin.action(description=_("Empty the selected messages"), permissions=["moderate"])
    def empty(self, request: PersonRequest, queryset: QuerySet[Message]) -> None:
        emptied = 0
        for message in queryset.filter(deleted=False).select_related("room")[:MOST_AT_ONCE]:
            if moderate_message(request.user, message).new:
                self.log_change(request, message, "Emptied")
                emptied += 1
        self._tell(request, emptied)

    def _tell(self, request: PersonRequest, emptied: int) -> None:
        told = ngettext("%d message emptied.", "%d messages emptied.", emptied) % emptied
        self.message_user(request, told, messages.SUCCESS)
