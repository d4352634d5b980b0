"""What the types can't know of a request by themselves."""

from django.http import HttpRequest

from chat.models import User


class PersonRequest(HttpRequest):
    """A request of somebody who is signed in."""

    user: User
