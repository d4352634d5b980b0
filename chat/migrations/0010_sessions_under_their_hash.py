from django.contrib.auth import BACKEND_SESSION_KEY
from django.db import migrations

from chat.session_store import SessionStore, stored_key

BACKEND = "django.contrib.auth.backends.ModelBackend"


def rehash(apps, _schema_editor):
    """Nobody is signed out by it. Who had signed in by another backend did so by one that is gone."""
    sessions = apps.get_model("sessions", "Session").objects
    store = SessionStore()
    for row in list(sessions.exclude(session_key__startswith="#").order_by("expire_date")):
        data = store.decode(row.session_data)
        if data.get(BACKEND_SESSION_KEY, BACKEND) != BACKEND:
            data |= {BACKEND_SESSION_KEY: BACKEND}
        kept = {"session_key": stored_key(row.session_key), "session_data": store.encode(data)}
        sessions.filter(pk=row.pk).update(**kept)


class Migration(migrations.Migration):
    dependencies = [("chat", "0009_addresses"), ("sessions", "0001_initial")]

    operations = [migrations.RunPython(rehash, migrations.RunPython.noop)]
