"""How a count is shown."""

from django import template

from chat.unread import MAX_UNREAD

register = template.Library()


@register.filter
def shortened(count: int) -> str:
    """Counting stops at MAX_UNREAD."""
    return f"{MAX_UNREAD - 1}+" if count >= MAX_UNREAD else str(count)
