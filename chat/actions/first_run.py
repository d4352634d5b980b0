"""The first account and the first room of an empty site."""

from django.db import transaction

from chat.actions.rooms import create_room
from chat.errors import Forbidden
from chat.errors import text as _
from chat.first_run import is_needed
from chat.models import Room, Site, User
from chat.names import normalise_username, tidy_name


def set_up_site(username: str, name: str, password: str, room_name: str) -> tuple[User, Room]:
    """Make the first superuser and their room.

    Raises Forbidden when there is a superuser already: of two at once, one wins.
    """
    Site.objects.get_or_create(pk=1)
    with transaction.atomic():
        # Held to the commit, so that who comes second sees who came first.
        Site.objects.select_for_update().get(pk=1)
        if not is_needed():
            raise Forbidden(_("This chat is set up already. Sign in instead."))
        person = User.objects.create_superuser(
            normalise_username(username), password=password, name=tidy_name(name)
        )
        return person, create_room(person, room_name)
