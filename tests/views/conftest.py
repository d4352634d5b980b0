import pytest
from django.core.cache import cache
from pytest_django import Settings


@pytest.fixture(autouse=True)
def _fresh_rate_limits(settings: Settings) -> None:
    """What one test used up must not stop the next."""
    settings.CHAT_POST_RATE = 0
    cache.clear()
