"""What people are called: unique where it must be, shown with the username where it deceives."""

from collections.abc import Callable
from threading import Barrier, Thread

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import translation

from chat import presentation, renames
from chat.actions.people import anonymise_person, rename_person
from chat.models import NameLook, User
from tests.scene import PASSWORD, keeper, make_person, make_superuser

pytestmark = pytest.mark.django_db


def shown(person: User) -> bool:
    """Whether the username stands beside the name."""
    return "ambiguous" in presentation.person(User.objects.get(pk=person.pk))


def test_nobody_is_ambiguous_on_a_plain_site() -> None:
    people = [make_person("ada"), make_person("bob", name="Bob"), make_superuser("admin")]
    assert [presentation.person(each) for each in people] == [
        {"id": each.pk, "username": each.username, "name": each.get_full_name()} for each in people
    ]


@pytest.mark.parametrize("name", ["Bob", "B0B", "b.o.b", "\u0412ob"])
def test_two_of_one_name_are_both_shown_with_their_usernames(name: str) -> None:
    bob, eve, ada = make_person("bob7", name="Bob"), make_person("eve"), make_person("ada")
    rename_person(eve, name)
    assert [shown(each) for each in (bob, eve, ada)] == [True, True, False]
    assert presentation.person(User.objects.get(pk=eve.pk))["ambiguous"] is True


@pytest.mark.parametrize(
    "name", ["ada \u2800", "ada\ufffc", "ada\U0001d159", "Ada \u2713", "ada\u2714\ufe0f"]
)
def test_a_sign_beside_anothers_username_makes_it_no_other(name: str) -> None:
    make_person("ada")
    eve = make_person("eve")
    rename_person(eve, name)
    assert shown(eve)


def test_who_takes_anothers_username_for_a_name_is_shown_with_their_own() -> None:
    root, eve = make_superuser("root2"), make_person("eve")
    root.name = "The Countess"
    root.save()
    rename_person(eve, "Root2")
    assert shown(eve)
    assert not shown(root)


@pytest.mark.parametrize(
    "name",
    [
        "admin",
        "Administrator",
        "ADM1N",
        "Moderator",
        "Chatsite",
        "System",
        "Former member",
        "The Admin",
    ],
)
def test_who_calls_themselves_after_an_office_is_shown_with_their_username(name: str) -> None:
    eve = make_person("eve")
    rename_person(eve, name)
    assert shown(eve)


def test_an_office_counts_in_the_sites_language_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chat.names._OFFICES", (translation.gettext_lazy("Site"),))
    eve = make_person("eve")
    with translation.override("de"):
        rename_person(eve, translation.gettext("Site"))
        assert shown(eve)


def test_whose_username_it_is_needs_no_second_one() -> None:
    admin = make_superuser("admin")
    rename_person(admin, "Admin")
    assert not shown(admin)


def test_usernames_alone_are_never_ambiguous() -> None:
    usernames = ("ian", "lan", "user-1", "user1", "jos\u00e9", "jose")
    assert not any(shown(make_person(username)) for username in usernames)
    assert not any(shown(person) for person in User.objects.all())


def test_once_a_name_is_one_persons_again_it_stands_alone() -> None:
    bob, eve = make_person("bob7", name="Bob"), make_person("eve", name="Bob")
    assert shown(bob)
    rename_person(eve, "Eve")
    assert not shown(bob)
    assert not shown(eve)


def test_the_newcomer_and_who_was_there_are_told_apart() -> None:
    bob = make_person("bob7", name="Bob")
    stranger = make_person("bob8", name="B.O.B.")
    assert shown(bob)
    assert shown(stranger)


def test_those_who_are_gone_are_nobodys_double() -> None:
    people = [make_person("ann"), make_person("ben")]
    for person in people:
        anonymise_person(keeper(), person)
    assert not any(shown(person) for person in people)
    eve = make_person("eve")
    rename_person(eve, "Former member")
    assert shown(eve)
    assert not any(shown(person) for person in people)


LIKE_ADA1 = [
    "ada1",
    "Ada1",
    "ADA1",
    "adal",
    "adaI",
    "ada1\u034f",
    "\u0430d\u0430l",
    "\u0430\u0501\u0430\u04cf",
]


@pytest.mark.parametrize("username", LIKE_ADA1)
def test_no_hand_makes_two_who_look_alike(username: str) -> None:
    make_person("ada1")
    for make in (
        lambda: make_person(username),
        lambda: User(username=username).save(),
        lambda: User.objects.create(username=username),
        lambda: call_command("createsuperuser", username=username, interactive=False),
    ):
        with pytest.raises((ValidationError, CommandError)):
            make()
    assert User.objects.count() == 1


@pytest.mark.parametrize("username", LIKE_ADA1[1:])
def test_nobody_is_renamed_into_another(username: str) -> None:
    make_person("ada1")
    eve = make_person("eve")
    eve.username = username
    with pytest.raises(ValidationError):
        eve.save()
    eve.refresh_from_db()
    with pytest.raises(ValidationError):
        User(pk=eve.pk, username=username, password="x").full_clean()


def test_one_may_write_ones_own_username_otherwise() -> None:
    eve = make_person("eve")
    eve.username = "Eve"
    eve.save(update_fields=["username"])
    with pytest.raises(ValidationError):
        make_person("eve")
    eve.username = "mallory"
    eve.save(update_fields=["username"])
    assert make_person("eve").pk != eve.pk


def test_populate_makes_neighbours_and_tells_whom_it_cannot_make() -> None:
    make_person("other", name="User 12")
    call_command("populate", users=20, password=PASSWORD)
    assert User.objects.filter(username__startswith="user").count() == 20
    assert shown(User.objects.get(username="user12"))
    make_person("user2l")
    with pytest.raises(CommandError, match="user21"):
        call_command("populate", users=21, password=PASSWORD)


def test_what_is_bulk_made_is_known_by_its_looks() -> None:
    call_command("populate", users=2, password=PASSWORD)
    person = User.objects.get(username="user1")
    assert (person.look_small, person.look_capital, person.look_written) == (
        "userl",
        "USERl",
        "userl",
    )
    assert NameLook.objects.filter(user=person, shown=False).exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "usernames",
    [
        ("ada", "Ada"),
        ("user1", "userl"),
        ("\u00c4rni", "\u00e4rni"),
        ("paypal", "\u0440\u0430\u0443\u0440\u0430\u04cf"),
        ("bv", "\u0392\u03bd"),
        ("jim", "ji\u0307m"),
    ],
)
def test_of_two_who_come_at_once_with_one_name_one_wins(usernames: tuple[str, str]) -> None:
    start = Barrier(2)
    outcomes: list[str] = []

    def make(username: str) -> None:
        start.wait()
        try:
            make_person(username)
            outcomes.append("made")
        except ValidationError:
            outcomes.append("told")
        finally:
            connection.close()

    threads = [Thread(target=make, args=[username]) for username in usernames]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["made", "told"]
    assert User.objects.count() == 1


def moved(act: Callable[[], object]) -> tuple[bool, bool]:
    """Whether the rights, and whether the names, are to be read again."""
    before = renames.versions()
    act()
    after = renames.versions()
    return after.access > before.access, after.people > before.people


def test_a_name_is_no_right_and_a_right_is_no_name() -> None:
    ada = make_person("ada")
    assert moved(lambda: rename_person(ada, "Ada L.")) == (False, True)
    ada.username = "countess"
    assert moved(ada.save) == (False, True)
    assert moved(lambda: rename_person(ada, "Ada L.")) == (False, False)
    ada.is_active = False
    assert moved(ada.save) == (True, False)
    ada.set_password("another long secret")
    assert moved(ada.save) == (True, False)
    by = keeper()
    assert moved(lambda: anonymise_person(by, ada)) == (True, True)
    assert moved(lambda: make_person("new")) == (False, False)


def test_whose_username_comes_to_be_shown_counts_as_renamed() -> None:
    ada, eve = make_person("ada", name="Ada"), make_person("eve")
    before = renames.versions().people
    rename_person(eve, "Ada")
    versions = dict(User.objects.values_list("pk", "names_version"))
    assert versions == {ada.pk: before + 1, eve.pk: before + 1}
