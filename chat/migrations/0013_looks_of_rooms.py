import django.db.models.deletion
from django.db import migrations, models

from chat.looks import at_a_glance

BATCH = 500


def take_looks(apps, _schema_editor):
    room_look = apps.get_model("chat", "RoomLook")
    rooms = apps.get_model("chat", "Room").objects.only("pk", "name").iterator()
    looks = (room_look(room=room, look=look) for room in rooms for look in at_a_glance(room.name))
    room_look.objects.bulk_create(looks, BATCH)


class Migration(migrations.Migration):
    dependencies = [
        ("chat", "0012_addresses_of_rooms"),
    ]

    operations = [
        migrations.CreateModel(
            name="RoomLook",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("look", models.CharField(db_index=True, max_length=200)),
                (
                    "room",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="looks",
                        to="chat.room",
                    ),
                ),
            ],
        ),
        migrations.RunPython(take_looks, migrations.RunPython.noop),
    ]
