"""What those who look after the site see of it. Every change goes through `chat.actions`."""

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from chat.admin.groups import PowersAdmin
from chat.admin.memberships import MembershipAdmin
from chat.admin.messages import MessageAdmin
from chat.admin.notes import NoteAdmin
from chat.admin.people import PersonAdmin
from chat.admin.rooms import RoomAdmin

__all__ = [
    "MembershipAdmin",
    "MessageAdmin",
    "NoteAdmin",
    "PersonAdmin",
    "PowersAdmin",
    "RoomAdmin",
    "close_other_doors",
]

admin.site.site_header = _("Chatsite administration")
admin.site.site_title = _("Chatsite administration")
admin.site.index_title = _("Overview")


def close_other_doors() -> None:
    """A rule about a person is kept by `chat.actions`: what other apps show here of their own
    (addresses that count, secrets of a second step) goes past it. Call it when all have registered.
    """
    for model, shown in list(admin.site._registry.items()):
        if not type(shown).__module__.startswith(f"{__name__}."):
            admin.site.unregister(model)
    admin.site.autocomplete_view = _absent  # type: ignore[assignment, method-assign]


def _absent(_request: HttpRequest) -> HttpResponse:
    """No form here completes anything, and what would be searched by it is noted nowhere."""
    raise Http404
