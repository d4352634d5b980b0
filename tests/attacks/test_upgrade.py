"""What was there before the holes were closed: nothing of it is lost, and nothing gained."""

from importlib import import_module
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.apps import apps
from django.contrib.auth.models import Group, Permission

from chat import access
from chat.actions.addresses import person_of_address
from chat.models import User
from tests.scene import make_person, prove_address

pytestmark = pytest.mark.django_db


def upgrade() -> Any:
    return import_module("chat.migrations.0009_addresses")


def test_an_address_that_was_only_typed_goes_on_as_a_claim() -> None:
    ada, bob, eve = (make_person(name) for name in ("ada", "bob", "eve"))
    prove_address(ada, "ada@example.org")
    User.objects.filter(pk=ada.pk).update(email="Typed@example.org")
    User.objects.filter(pk=bob.pk).update(email="bob@example.org")
    User.objects.filter(pk=eve.pk).update(email="ada@example.org")
    EmailAddress.objects.create(user=eve, email="ada@example.org", primary=True)
    upgrade().keep_what_was_proven(apps, None)
    assert dict(User.objects.values_list("username", "email")) == {
        "ada": "ada@example.org",
        "bob": "",
        "eve": "",
    }
    kept = EmailAddress.objects.values_list("user__username", "email", "verified")
    assert set(kept) == {
        ("ada", "ada@example.org", True),
        ("ada", "typed@example.org", False),
        ("bob", "bob@example.org", False),
        ("eve", "ada@example.org", False),
    }


def test_of_several_proven_addresses_the_first_alone_counts_on() -> None:
    """The others may be a thief's, from an open laptop."""
    ada, bob = make_person("ada"), make_person("bob")
    prove_address(ada, "ada@example.org")
    EmailAddress.objects.create(user=ada, email="thief@example.org", verified=True)
    EmailAddress.objects.create(user=bob, email="bob@example.org", verified=True)
    EmailAddress.objects.create(user=bob, email="typed@example.org", primary=True)
    upgrade().keep_what_was_proven(apps, None)
    proven = EmailAddress.objects.filter(verified=True)
    assert dict(proven.values_list("user__username", "email")) == {
        "ada": "ada@example.org",
        "bob": "bob@example.org",
    }
    assert proven.count() == 2
    assert proven.filter(primary=True).count() == 2
    assert User.objects.get(pk=bob.pk).email == "bob@example.org"
    assert not person_of_address("thief@example.org")


def test_who_moderated_goes_on_moderating_and_nobody_else_begins() -> None:
    ada, bob, eve = (make_person(name) for name in ("ada", "bob", "eve"))
    before = Permission.objects.get(codename="change_message")
    ada.user_permissions.add(before)
    group = Group.objects.create(name="Moderators")
    group.permissions.add(before)
    bob.groups.add(group)
    upgrade().keep_moderators(apps, None)
    assert [access.moderates(person) for person in (ada, bob, eve)] == [True, True, False]
