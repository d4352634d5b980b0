"""How a form's field is shown."""

from django import template
from django.forms import BoundField

register = template.Library()


@register.filter
def uncut(field: BoundField) -> BoundField:
    """A browser cuts what is pasted to `maxlength` without a word, and counts an emoji twice. The
    server says by how much it is too long."""
    field.field.widget.attrs.pop("maxlength", None)
    return field
