from io import StringIO

import pytest
from django.core.management import call_command

from chat.models import Site


@pytest.mark.django_db
def test_numbers_that_may_have_been_taken_back_are_made_known() -> None:
    before = Site.objects.get()
    output = StringIO()
    call_command("new_epoch", stdout=output)
    after = Site.objects.get()
    assert after.epoch != before.epoch
    assert after.epoch in output.getvalue()
    assert after.access_version > before.access_version
