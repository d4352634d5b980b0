from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from chat import markup
from chat.actions import populate
from chat.errors import Invalid
from chat.management.sample_talk import bodies
from chat.models import Room, User


class Command(BaseCommand):
    help = (
        "Make people (user1 …) who can sign in at once, rooms (room-1 …) with all of them in,"
        " and messages in each room. Again, it adds only what is missing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--users", type=int, default=0, help="how many people")
        parser.add_argument("--rooms", type=int, default=0, help="how many rooms")
        parser.add_argument("--messages", type=int, default=0, help="how many in each room")
        parser.add_argument("--password", default="", help="of the people that are made")

    def handle(self, **options: Any) -> None:
        self._check(options)
        try:
            people = populate.add_people(options["users"], options["password"])
        except Invalid as problem:
            raise CommandError(problem.detail) from None
        rooms = populate.add_rooms(options["rooms"])
        self._fill(rooms, people, options["messages"])
        populate.add_members(rooms, people)
        self.stdout.write(f"{len(people)} people in {len(rooms)} rooms.")

    def _check(self, options: dict[str, Any]) -> None:
        if min(options["users"], options["rooms"], options["messages"]) < 0:
            raise CommandError("Numbers from 0 up, please.")
        if options["users"] and not options["password"]:
            raise CommandError("Give the people a password: --password …")
        if options["messages"] and options["rooms"] and not options["users"]:
            raise CommandError("Messages need somebody who says them: --users …")

    def _fill(self, rooms: list[Room], people: list[User], count: int) -> None:
        missing = {room: populate.missing_messages(room, count) for room in rooms}
        talk = [(body, markup.render(body)) for body in bodies()]
        with tqdm(total=sum(missing.values()), unit=" messages") as bar:
            for room, number in missing.items():
                for stored in populate.add_messages(room, people, talk, number):
                    bar.update(stored)
