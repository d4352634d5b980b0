"""Addresses become links, and a link that looks like another address tells its own."""

import re
import unicodedata
from html import escape, unescape
from urllib.parse import unquote, urlsplit

from chat.markup.hiding import hide, restored
from chat.markup.plain import BLANK

# A sentence may go on right after an address, in a script that puts no blank there.
_SENTENCE = (
    "\u060c\u061b\u061f\u06d4\u0589\u0964\u0965\u104a\u104b\u1362\u17d4"
    "\u200b\u2018-\u201f\u2026\u2039\u203a\u00ab\u00bb\u3000-\u3003\u3008-\u3020"
    "\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65"
)
_FOUND = re.compile(
    rf"""
    <a\ href="(?P<href>[^"]*)">(?P<text>.*?)</a>
    | <code\b.*?</code>
    | (?<![A-Za-z0-9_/.@-])(?P<address>
        (?:https?://(?=[\w\[])|www\.(?=\w))[^\s<>&"`{_SENTENCE}{hide("<>")}]+)
    | (?<![\w.+%-])(?P<mail>
        [A-Za-z0-9][\w.+%-]{{0,63}}@(?:[A-Za-z0-9-]{{1,63}}\.){{1,8}}[A-Za-z]{{2,24}})(?![\w@-])
    """,
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
MAX_LINKS = 150
"""Addresses and pieces of code in one message."""

MAX_TEXT = 500
"""Characters of a link that are looked at; of a longer one the true address is told anyhow."""

_TAG = re.compile("<[^>]*>")
_TOP = r"(?:xn--[a-z0-9-]{1,59}|[^\W\d_]{2,24})(?![^\W_]|-)"
_HOST = rf"(?:(?:[\w-]{{1,63}}\.){{1,8}}{_TOP}|\d{{1,3}}(?:\.\d{{1,3}}){{3}})"
_SAID = re.compile(
    rf"(?<![\w@.-])(?:(?P<user>{_HOST})(?::[^\s/@]{{0,64}})?@|[^\s/@:]{{1,64}}@)?(?P<host>{_HOST})"
    r"(?:[:/?#]\S*)?"
)
_SCHEME_AND_HOST = re.compile(
    r"[a-z][a-z0-9+.-]{0,20}:/{1,3}(?:[^\s/?#@]{0,64}@)?([^\s/?#@:]{1,255})"
)
_MAIL = re.compile(r"[\w.+%-]{1,64}@[\w.-]{1,255}")
_AT_THE_END = "?!.,:;*_~'\"\u00b7\u0387"


class TooMuch(Exception):
    """What was typed would cost or show too much."""


def with_links(html: str) -> str:
    """`html` as the renderer wrote it, before it is cleaned. Raises TooMuch."""
    if "://" not in html and "@" not in html and "<a" not in html and "www." not in html.lower():
        return html
    linked, found = _FOUND.subn(_link, html, count=MAX_LINKS + 1)
    if found > MAX_LINKS:
        raise TooMuch
    return linked


def _link(found: re.Match[str]) -> str:
    if found["text"] is not None:
        # The renderer leaves no address where one could run.
        return _honest(found["href"], found["text"]) if found["href"] else found["text"]
    if found["mail"]:
        return f'<a href="mailto:{found["mail"]}">{found["mail"]}</a>'
    if not found["address"]:
        return found[0]
    address = _without_the_sentence(found["address"])
    href = address if "://" in address else f"http://{address}"
    # One that stands for itself can deceive by what stands before its host alone.
    link = _honest(href, address) if "@" in address else f'<a href="{href}">{address}</a>'
    return link + found["address"][len(address) :]


def _without_the_sentence(address: str) -> str:
    """As GitHub does it: a closing bracket belongs to it if it was opened in it."""
    surplus = address.count(")") - address.count("(")
    end = len(address)
    while end and _ends_a_sentence(address[end - 1], surplus, "[" in address):
        surplus -= address[end - 1] == ")"
        end -= 1
    return address[:end]


def _ends_a_sentence(character: str, surplus: int, has_bracket: bool) -> bool:
    if character == ")":
        return surplus > 0
    return character in _AT_THE_END or (character == "]" and not has_bracket)


def _honest(href: str, text: str) -> str:
    if href.lower().startswith("www."):
        href = f"http://{href}"
    link = f'<a href="{href}">{text}</a>'
    true = _destination(href)
    if true and _names_another(_as_seen(text), true):
        return f'{link[:-4]}<span class="true-address"> ({escape(true)})</span></a>'
    return link


def _destination(href: str) -> str:
    """The host or mailbox to which the link leads; within the site, the path."""
    try:
        # Browsers take a backslash for a slash.
        parts = urlsplit(unescape(restored(unquote(href))).strip().replace("\\", "/"))
        host = parts.hostname or ""
    except ValueError:
        return ""
    return (host or parts.path).casefold()


def _as_seen(text: str) -> str | None:
    """The words of a link; None where there are too many to look at."""
    if len(text) > 4 * MAX_TEXT:
        return None
    words = unescape(restored(_TAG.sub("", text)))
    if len(words) > MAX_TEXT:
        return None
    seen = unicodedata.normalize("NFKC", BLANK.sub("", words)).casefold()
    return seen.replace("\u3002", ".")


def _names_another(said: str | None, true: str) -> bool:
    if said is None:
        return True
    if "@" in true:
        mails = _MAIL.findall(said)
        return any(mail != true for mail in mails) or (not mails and bool(_SAID.search(said)))
    named = [host for found in _SAID.finditer(said) for host in found.group("user", "host") if host]
    named += _SCHEME_AND_HOST.findall(said)
    return any(host.removeprefix("www.") != true.removeprefix("www.") for host in named)
