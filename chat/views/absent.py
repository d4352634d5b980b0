"""What is absent and what is forbidden look alike over HTTP too."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.http import Http404

from chat.errors import NotFound


@contextmanager
def absent_is_404() -> Iterator[None]:
    """For a whole view: raises Http404 where `chat.access` raises NotFound."""
    try:
        yield
    except NotFound:
        raise Http404 from None
