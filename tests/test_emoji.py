"""What may be put under a message as a reaction."""

import json
from pathlib import Path

import pytest

from chat.emoji import is_emoji

VENDORED = Path(__file__).parents[1] / "chat/static/chat/vendor/emoji/emoji.json"


@pytest.mark.parametrize(
    "text",
    [
        *("👍", "😀", "❤", "❤️", "☎️", "☎︎", "‼️", "⁉️", "©️", "®️", "™️", "ℹ️", "Ⓜ️", "🅰️", "🈁", "㊗️", "㊙️"),
        *("〽️", "〰️", "⏳", "⌚", "↔️", "⤴️", "⬅️", "⭐", "▶️", "◼️", "☀️", "✈️", "🀄", "🃏", "🆗", "🉑"),
        *(
            "👍🏽",
            "✌🏿",
            "☝️🏻",
            "👩‍🚀",
            "👩🏽‍🚀",
            "👨‍👩‍👧‍👦",
            "👩‍❤️‍💋‍👨",
            "🧑🏻‍❤️‍💋‍🧑🏿",
            "🏳️‍🌈",
            "🏴‍☠️",
            "🐻‍❄️",
            "🙂‍↔️",
        ),
        *("👁️‍🗨️", "🇩🇪", "🇨🇳", "1️⃣", "#️⃣", "*️⃣", "0⃣", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "🏴󠁧󠁢󠁳󠁣󠁴󠁿"),
    ],
)
def test_an_emoji_of_any_make_is_one(text: str) -> None:
    assert is_emoji(text)


def test_every_emoji_that_the_page_offers_is_one() -> None:
    offered = [emoji for emoji, *_ in json.loads(VENDORED.read_text())]
    assert len(offered) > 1_500
    assert [emoji for emoji in offered if not is_emoji(emoji) or len(emoji) > 32] == []


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            " ",
            "a",
            "1",
            "#",
            "*",
            "12",
            "<b>",
            "&lt;",
            "👍 ",
            " 👍",
            "👍a",
            "a👍",
            "👍\n",
            ":+1:",
        ),
        *(
            "é",
            "ß",
            "漢",
            "あ",
            "Ж",
            "ª",
            "²",
            "٣",
            "½",
            "—",
            "…",
            "“",
            "\0",
            "\ufe0f",
            "\u200d",
            "\u20e3",
        ),
        *("\u202e", "👍\u202e", "\u200b", "👍\u200d", "\u200d👍", "1\ufe0f", "e\u0301", "\ufeff"),
        *("👍👍", "🇩", "🇩🇪🇫🇷", "👍🇩🇪", "\ue000", "\U000e0067", "👍\U000e0067", "👍\u0301\u0301"),
    ],
    ids=ascii,
)
def test_anything_else_is_not(text: str) -> None:
    assert not is_emoji(text)
