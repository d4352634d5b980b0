from django.db import migrations

from chat.secrets_at_rest import encrypted

SECRET_FIELDS = ("secret", "seed")


def encrypt(apps, _schema_editor):
    for row in apps.get_model("mfa", "Authenticator").objects.iterator():
        clear = {name: row.data[name] for name in SECRET_FIELDS if name in row.data}
        row.data |= {name: encrypted(value) for name, value in clear.items()}
        if codes := row.data.get("migrated_codes"):
            row.data["migrated_codes"] = [encrypted(code) for code in codes]
        row.save(update_fields=["data"])


class Migration(migrations.Migration):
    dependencies = [
        ("chat", "0010_sessions_under_their_hash"),
        ("mfa", "0003_authenticator_type_uniq"),
    ]

    operations = [migrations.RunPython(encrypt, migrations.RunPython.noop)]
