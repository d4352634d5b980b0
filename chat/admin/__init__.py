"""What those who look after the site see of it. Every change goes through `chat.actions`."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from chat.admin.memberships import MembershipAdmin
from chat.admin.messages import MessageAdmin
from chat.admin.people import PersonAdmin
from chat.admin.rooms import RoomAdmin

__all__ = ["MembershipAdmin", "MessageAdmin", "PersonAdmin", "RoomAdmin"]

admin.site.site_header = _("Chatsite administration")
admin.site.site_title = _("Chatsite administration")
admin.site.index_title = _("Overview")
