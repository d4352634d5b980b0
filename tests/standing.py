"""A person of each kind before a room in each state, and what is true of the two."""

from django.contrib.auth.models import Permission
from django.test import Client

from chat.actions import rooms as room_actions
from chat.models import Room, User
from tests.scene import block, keeper, make_person, make_room, make_superuser, say

PEOPLE = {
    "maker": "in, settles",
    "maker who left": "",
    "maker who was put out": "put out",
    "member": "in",
    "stranger": "",
    "former": "",
    "put out": "put out",
    "let in again": "",
    "blocked": "out",
    "staff": "in, desk",
    "moderator": "in, moderates",
    "moderator at the desk": "desk, moderates",
    "keeper of rooms": "desk, settles",
    "root": "desk, moderates, settles",
}
"""What is true of each; nothing else may make a difference."""

OUTSIDERS_WHO_WERE_IN = ("former", "put out", "let in again", "blocked")
STATES = ["open", "archived", "private", "private and archived"]


def finds(who: str, state: str) -> bool:
    """Whether somebody may know of a room. Who may settle all also knows the archived ones that
    were open, in the settings alone."""
    traits = PEOPLE[who]
    return traits != "out" and (state == "open" or traits.startswith("in"))


class Case:
    def __init__(self, who: str, state: str) -> None:
        traits, self.state = PEOPLE[who], state
        self.archived = "archived" in state
        self.is_in = traits.startswith("in")
        self.active = traits != "out"
        self.finds = finds(who, state)
        self.is_put_out = "put out" in traits
        self.joins = self.finds and not self.archived and not self.is_put_out
        self.reads = self.active and self.is_in
        self.speaks = self.reads and not self.archived
        self.moderates = "moderates" in traits
        self.settles = self.active and "settles" in traits
        self.at_desk = "desk" in traits
        self.author = make_person("author")
        self.person, self.room = self._scene(who)
        self.theirs = say(self.author, self.room, "theirs")
        self.own = say(self.person, self.room, "own") if self.active and self.is_in else self.theirs
        self._settle(state)
        self.browser = Client()
        self.browser.force_login(User.objects.get(pk=self.person.pk))
        if not self.active:
            block(self.person)
            self.person.refresh_from_db()

    def _scene(self, who: str) -> tuple[User, Room]:
        person = make_superuser() if who == "root" else make_person("someone")
        room = make_room(person if who.startswith("maker") else self.author, self.author)
        if not who.startswith("maker") and (self.is_in or who in OUTSIDERS_WHO_WERE_IN):
            room_actions.join_room(person, room)
        if who in ("former", "maker who left"):
            room_actions.leave_room(person, room)
        if self.is_put_out or who == "let in again":
            room_actions.remove_member(keeper(), room, person)
        if who == "let in again":
            room_actions.let_in_again(keeper(), room, person)
        self._empower(who, person)
        return User.objects.get(pk=person.pk), room

    def _empower(self, who: str, person: User) -> None:
        for permission in ("moderate", "view_message"):
            if self.moderates and who != "root":
                person.user_permissions.add(Permission.objects.get(codename=permission))
        if who == "keeper of rooms":
            person.user_permissions.add(Permission.objects.get(codename="change_room"))
        if self.at_desk:
            User.objects.filter(pk=person.pk).update(is_staff=True)

    def _settle(self, state: str) -> None:
        room_actions.rename_room(keeper(), self.room, "Parlour")
        if self.archived:
            room_actions.archive_room(keeper(), self.room)
        kind = "private" if "private" in state else "open"
        Room.objects.filter(pk=self.room.pk).update(kind=kind)
        self.room.refresh_from_db()

    def status(self, path: str, *, post: bool = False, **form: str) -> int:
        """404 for whoever is not let in at all, too."""
        answer = self.browser.post(path, form) if post else self.browser.get(path)
        turned_away = answer.headers.get("Location", "").startswith("/accounts/login/")
        return 404 if turned_away or answer.status_code == 401 else answer.status_code

    def page(self) -> str:
        return self.browser.get(f"/rooms/{self.room.slug}/").content.decode()
