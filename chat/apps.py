from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class ChatConfig(AppConfig):
    name = "chat"
    verbose_name = _("Chat")

    def ready(self) -> None:
        from chat.actions import authority, rooms, sessions  # noqa: F401 - they listen

        post_migrate.connect(_make_site, sender=self)


def _make_site(using: str, **_: object) -> None:
    from chat.models import Site

    Site.objects.using(using).get_or_create(pk=1)
