"""The page's ES modules under hashed names, without a build step."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from django import template
from django.conf import settings
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

register = template.Library()
SCRIPTS = Path(__file__).resolve().parent.parent / "static" / "chat" / "js"


@register.simple_tag(takes_context=True)
def import_map(context: dict[str, Any]) -> SafeString:
    """Leads what modules import by their plain address to the address with the content's hash.

    So nobody keeps a stale module, and the modules can import each other relatively, as node
    and the type checker want it.
    """
    imports = json.dumps({"imports": _addresses()}, ensure_ascii=True).replace("<", "\\u003C")
    return format_html(
        '<script type="importmap" nonce="{}">{}</script>',
        context["request"].csp_nonce,
        mark_safe(imports),  # noqa: S308 - our own file names, and no "<" is left in it
    )


@register.simple_tag
def module_preloads() -> SafeString:
    """Without these, the browser finds out module by module what it needs. Folders hold what is
    loaded only when it is used."""
    own = f"{settings.STATIC_URL}chat/js/"
    needed = [url for name, url in _addresses().items() if "/" not in name.removeprefix(own)]
    return format_html_join(
        "\n", '<link rel="modulepreload" href="{}">', ((url,) for url in needed)
    )


def _addresses() -> dict[str, str]:
    return _find_addresses() if settings.DEBUG else _remembered_addresses()


def _find_addresses() -> dict[str, str]:
    paths = (path.relative_to(SCRIPTS).as_posix() for path in sorted(SCRIPTS.rglob("*.js")))
    names = [f"chat/js/{path}" for path in paths]
    return {f"{settings.STATIC_URL}{name}": static(name) for name in names}


_remembered_addresses = cache(_find_addresses)
