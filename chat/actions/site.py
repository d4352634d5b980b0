"""What concerns the site as a whole."""

from django.db import transaction

from chat.actions.authority import access_changed
from chat.models import Site, new_epoch


def change_epoch() -> str:
    """Tell every page that numbers may have been taken back. Returns the new epoch."""
    epoch = new_epoch()
    with transaction.atomic():
        Site.objects.update_or_create(pk=1, defaults={"epoch": epoch})
        access_changed()
    return epoch
