from django.contrib import admin
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from chat import access
from chat.actions.rooms import remove_member
from chat.admin.kept import MOST_AT_ONCE, ReadOnlyAdmin
from chat.models import Membership
from chat.requests import PersonRequest


@admin.register(Membership)
class MembershipAdmin(ReadOnlyAdmin):
    list_display = ("user", "room", "joined_at", "read_seq")
    list_select_related = ("user", "room")
    search_fields = ("user__username", "user__name", "room__name")
    ordering = ("-pk",)
    actions = ("remove",)
    fields = ("user", "room", "joined_at", "read_seq")
    lookups = ("user__id__exact", "room__id__exact")

    def has_settle_permission(self, request: PersonRequest) -> bool:
        return access.settles_anywhere(request.user)

    @admin.action(
        description=_("Put the selected people out of their rooms"), permissions=["settle"]
    )
    def remove(self, request: PersonRequest, queryset: QuerySet[Membership]) -> None:
        for membership in queryset.select_related("user", "room")[:MOST_AT_ONCE]:
            remove_member(request.user, membership.room, membership.user)
            self.log_change(request, membership, "Put out")
