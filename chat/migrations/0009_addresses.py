from django.db import migrations, models


def keep_what_was_proven(apps, _schema_editor):
    """An address that was only typed in goes on as a claim, and is that person's once they open the
    link: none counts before. Of several that were proven the primary one stays, and no other."""
    addresses = apps.get_model("account", "EmailAddress").objects
    has_any = models.Q(pk__in=addresses.values("user")) | ~models.Q(email="")
    for person in apps.get_model("chat", "User").objects.filter(has_any).only("pk", "email"):
        theirs = addresses.filter(user_id=person.pk)
        typed = person.email.lower()
        if typed and not theirs.filter(email=typed).exists():
            theirs.create(user_id=person.pk, email=typed)
        kept = keep_one(theirs, typed)
        if person.email != kept:
            type(person).objects.filter(pk=person.pk).update(email=kept)


def keep_one(theirs, typed):
    """The others may be a thief's, who added them at an open laptop."""
    proven = list(theirs.filter(verified=True).order_by("-primary", "pk"))
    if not proven:
        return ""
    kept = min(proven, key=lambda each: (not each.primary, each.email != typed))
    theirs.filter(verified=True).exclude(pk=kept.pk).delete()
    theirs.update(primary=False)
    theirs.filter(pk=kept.pk).update(primary=True)
    return kept.email


def keep_moderators(apps, _schema_editor):
    """Who could change messages empties others' from now on by a permission of its own."""
    permissions = apps.get_model("auth", "Permission").objects
    kinds = apps.get_model("contenttypes", "ContentType").objects
    kind, _made = kinds.get_or_create(app_label="chat", model="message")
    before = permissions.filter(content_type=kind, codename="change_message").first()
    if before is None:
        return
    moderate, _made = permissions.get_or_create(
        content_type=kind, codename="moderate", defaults={"name": "Can empty others' messages"}
    )
    for person in apps.get_model("chat", "User").objects.filter(user_permissions=before):
        person.user_permissions.add(moderate)
    for group in apps.get_model("auth", "Group").objects.filter(permissions=before):
        group.permissions.add(moderate)


class Migration(migrations.Migration):
    dependencies = [
        ("chat", "0008_session_epoch"),
        ("account", "0009_emailaddress_unique_primary_email"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [
        migrations.AddField(
            "user", "address_counts_from", models.DateTimeField(editable=False, null=True)
        ),
        migrations.AlterModelOptions(
            "message", {"permissions": [("moderate", "Can empty others' messages")]}
        ),
        migrations.RunPython(keep_what_was_proven, migrations.RunPython.noop),
        migrations.RunPython(keep_moderators, migrations.RunPython.noop),
    ]
