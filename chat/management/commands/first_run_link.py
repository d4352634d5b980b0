from typing import Any

from django.core.management.base import BaseCommand, CommandError

from chat import first_run


class Command(BaseCommand):
    help = "Print the one-time link that makes the first account of an empty site."

    def handle(self, **_options: Any) -> None:
        if not first_run.is_needed():
            raise CommandError("This site has its first account. Make further ones in its admin.")
        self.stdout.write(first_run.link())
