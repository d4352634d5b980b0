from typing import Any

from django.core.management.base import BaseCommand

from chat.actions.site import change_epoch


class Command(BaseCommand):
    help = (
        "After restoring a back-up: tell every open page that what came after it is gone,"
        " so that it loads its rooms anew."
    )

    def handle(self, **_options: Any) -> None:
        self.stdout.write(f"The epoch is now {change_epoch()}.")
