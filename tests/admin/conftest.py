import pytest
from django.core.cache import cache
from django.test import Client
from pytest_django import Settings

from chat.models import User
from tests.scene import make_person, make_superuser


@pytest.fixture(autouse=True)
def _without_rates(settings: Settings) -> None:
    settings.CHAT_POST_RATE = 0
    cache.clear()


@pytest.fixture
def root() -> User:
    return make_superuser()


@pytest.fixture
def ada() -> User:
    return make_person("ada")


@pytest.fixture
def bob() -> User:
    return make_person("bob")


@pytest.fixture
def desk(root: User) -> Client:
    """The superuser's browser."""
    client = Client()
    client.force_login(root)
    return client
