from django.contrib import admin
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from chat import access
from chat.actions.notes import note
from chat.actions.rooms import remove_member
from chat.admin.kept import ReadOnlyAdmin
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
        def put_out(membership: Membership) -> None:
            remove_member(request.user, membership.room, membership.user)
            note(request.user, membership.user, f"Put out of {membership.room}")

        self.do_to_each(request, queryset.select_related("user", "room"), put_out)
