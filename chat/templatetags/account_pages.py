"""What allauth's pages need to look like the others."""

from django import forms, template
from django.conf import settings

register = template.Library()


@register.filter
def without_placeholders(form: forms.Form) -> forms.Form:
    """Allauth repeats each label in its field; the label alone is enough."""
    for field in form.fields.values():
        field.widget.attrs.pop("placeholder", None)
    return form


@register.simple_tag
def signup_is_open() -> bool:
    return bool(settings.CHAT_SIGNUP)


@register.simple_tag
def site_sends_mail() -> bool:
    return bool(settings.SITE_SENDS_MAIL)
