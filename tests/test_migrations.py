"""What a migration makes of what it finds."""

from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

BEFORE = [("chat", "0005_html_version")]
AFTER = [("chat", "0006_looks_of_names")]


def migrated(target: list[tuple[str, str]]) -> Any:
    executor = MigrationExecutor(connection)
    executor.migrate(target)
    return MigrationExecutor(connection).loader.project_state(target).apps


def migrate_all() -> None:
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


@pytest.mark.django_db(transaction=True)
def test_people_who_look_alike_already_both_stay_and_the_older_keeps_the_look() -> None:
    people = migrated(BEFORE).get_model("chat", "User").objects
    usernames = ["user1", "userl", "Ärni", "ärni", "\u3164\u3164", "\u1160", "user2"]
    older, younger, *_others = [people.create(username=username) for username in usernames]
    people.create(username="eve", name="User2")
    try:
        people = migrated(AFTER).get_model("chat", "User").objects
        looks = dict(people.values_list("username", "look_small"))
        assert [*looks][:7] == usernames
        assert len(set(looks.values())) == 8
        assert (looks["user1"], looks["userl"]) == ("userl", f"userl {younger.pk}")
        doubtful = people.filter(name_is_ambiguous=True).values_list("username", flat=True)
        assert set(doubtful) == {"user2", "eve"}
        assert older.pk < younger.pk
        migrate_all()
        _the_younger_are_saved_as_before()
    finally:
        migrate_all()


def _the_younger_are_saved_as_before() -> None:
    from chat.models import User

    for person in User.objects.all():
        person.is_staff = True
        person.save()
    assert User.objects.get(username="userl").look_small.startswith("userl ")
