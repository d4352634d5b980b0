from django.conf import settings
from django.db import migrations, models
from django.db.models import Exists, OuterRef, Q

import chat.person
from chat.looks import LOOKS, at_a_glance
from chat.names import FORMER_USERNAME, speaks_for_the_site, validate_display_name

BATCH = 500


def take_looks(apps, _schema_editor):
    """Of two who look alike the older keeps the look, and the younger gets one with a blank in it,
    which no username has: it cannot be anybody's, so it is in nobody's way."""
    people = apps.get_model("chat", "User").objects.order_by("pk")
    taken = {column: set() for column in LOOKS}
    batch = []
    for person in people.only("pk", "username").iterator():
        for column, look_of in LOOKS.items():
            look = look_of(person.username)
            if not look or look in taken[column]:
                look = f"{look} {person.pk}"
            taken[column].add(look)
            setattr(person, column, look)
        batch.append(person)
        if len(batch) == BATCH:
            people.bulk_update(batch, LOOKS)
            batch = []
    people.bulk_update(batch, LOOKS)


def remember_names(apps, _schema_editor):
    name_look = apps.get_model("chat", "NameLook")
    rows = []
    for person in apps.get_model("chat", "User").objects.iterator():
        own = at_a_glance(person.username)
        rows += [name_look(user=person, look=look, shown=False) for look in own]
        if not person.is_active and person.username.startswith(FORMER_USERNAME):
            continue
        of_office = speaks_for_the_site(person.name, person.username)
        for look in at_a_glance(person.name):
            rows.append(name_look(user=person, look=look, shown=True, of_office=of_office))
    name_look.objects.bulk_create(rows, BATCH)


def judge_names(apps, _schema_editor):
    looks = apps.get_model("chat", "NameLook").objects
    others = looks.filter(look=OuterRef("look")).exclude(user=OuterRef("user"))
    own = looks.filter(user=OuterRef("pk"))
    name = Exists(own.filter(Q(of_office=True) | Exists(others), shown=True))
    username = Exists(own.filter(Exists(others.filter(shown=True)), shown=False))
    people = apps.get_model("chat", "User").objects
    doubtful = people.filter(Q(name) | Q(username, name=""))
    those = list(doubtful.values_list("pk", flat=True))
    for start in range(0, len(those), BATCH):
        people.filter(pk__in=those[start : start + BATCH]).update(name_is_ambiguous=True)


def look_column():
    return models.CharField(default="", editable=False, max_length=220)


class Migration(migrations.Migration):
    dependencies = [("chat", "0005_html_version")]

    operations = [
        migrations.AddField("site", "people_version", models.BigIntegerField(default=0)),
        migrations.AddField(
            "user",
            "names_version",
            models.BigIntegerField(db_index=True, default=0, editable=False),
        ),
        migrations.AddField(
            "user", "name_is_ambiguous", models.BooleanField(default=False, editable=False)
        ),
        *(migrations.AddField("user", column, look_column()) for column in LOOKS),
        migrations.AlterField(
            "user",
            "name",
            models.CharField(
                blank=True,
                max_length=80,
                validators=[validate_display_name],
                verbose_name="display name",
            ),
        ),
        migrations.CreateModel(
            name="NameLook",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("look", models.CharField(db_index=True, max_length=200)),
                ("shown", models.BooleanField()),
                ("of_office", models.BooleanField(default=False)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=models.CASCADE,
                        related_name="name_looks",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.RunPython(take_looks, migrations.RunPython.noop),
        migrations.RunPython(remember_names, migrations.RunPython.noop),
        migrations.RunPython(judge_names, migrations.RunPython.noop),
        *(migrations.AlterField("user", column, chat.person.LookField()) for column in LOOKS),
    ]
