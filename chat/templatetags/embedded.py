"""Data for the scripts of a page."""

import re
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from pydantic_core import to_json

from chat.markup import TAGS

register = template.Library()

# The tags of messages, as they are stored; in a script element they have no meaning. Whatever else
# begins with `<` there may have one, or look as if.
_OF_MESSAGES = "|".join(sorted(TAGS))
_ATTRIBUTES = r' (?:dir|class|start)=\\"| href=\\"(?:https?:|mailto:)'
_MEANS_SOMETHING = re.compile(rf"<(?!/?(?:{_OF_MESSAGES})(?:>|{_ATTRIBUTES}))")


@register.filter
def embedded(data: Any, element_id: str) -> SafeString:
    """As JSON in a script element. Django's `json_script` makes six bytes of each `<`, `>` and `&`,
    and of each letter that is not Latin."""
    text = _MEANS_SOMETHING.sub(r"\\u003C", to_json(data, fallback=str).decode())
    script = '<script id="{}" type="application/json">{}</script>'
    return format_html(script, element_id, mark_safe(text))  # noqa: S308 - see above
