"""What counts as one emoji."""

import re
from functools import lru_cache

_PICTURE = "[©®‼⁉™ℹ←-⇿⌀-⏿Ⓜ■-➿⤀-⥿⬀-⯿〰〽㊗㊙\U0001f000-\U0001f1e5\U0001f200-\U0001faff]"
_TONE = "[\U0001f3fb-\U0001f3ff]"
_TAGS = "[\U000e0020-\U000e007e]+\U000e007f"
_PERSON_OR_THING = rf"{_PICTURE}[\ufe0e\ufe0f]?{_TONE}?\ufe0f?(?:{_TAGS})?"
_EMOJI = re.compile(
    "[\U0001f1e6-\U0001f1ff]{2}[\ufe0e\ufe0f]?"  # a flag
    "|[0-9#*][\ufe0e\ufe0f]?\u20e3"  # a key
    rf"|{_PERSON_OR_THING}(?:\u200d{_PERSON_OR_THING})*"
)

_VARIATION = re.compile("[\ufe0e\ufe0f]")
_SHOWN_AS_TEXT = (
    "["
    "©®‼⁉™ℹ↔-↙↩↪⌨⏏⏭-⏯⏱⏲⏸-⏺Ⓜ▪▫▶◀◻◼☀-☄☎☑☘☝☠☢☣☦☪☮☯☸-☺♀♂♟♠♣♥♦♨♻♾⚒⚔-⚗⚙"
    "⚛⚜⚠⚧⚰⚱⛈⛏⛑⛓⛩⛰⛱⛴⛷-⛹✂✈✉✌✍✏✒✔✖✝✡✳✴❄❇❣❤➡⤴⤵⬅-⬇〰〽㊗㊙🅰🅱🅾🅿🈂🈷🌡🌤-🌬🌶🍽🎖🎗"
    "🎙-🎛🎞🎟🏋-🏎🏔-🏟🏳🏵🏷🐿👁📽🕉🕊🕯🕰🕳-🕹🖇🖊-🖍🖐🖥🖨🖱🖲🖼🗂-🗄🗑-🗓🗜-🗞🗡🗣🗨🗯🗳🗺🛋🛍-🛏🛠-🛥🛩🛰🛳"
    "]"
)
"""What is shown as a letter, unless U+FE0F after it asks for the picture."""
_ASKS_FOR_PICTURE = re.compile(rf"(?:{_SHOWN_AS_TEXT}(?!{_TONE})|[0-9#*](?=\u20e3))")


def is_emoji(text: str) -> bool:
    """One emoji, as Unicode puts them together (UTS #51, 1.4.9), whether fonts draw it or not."""
    return bool(_EMOJI.fullmatch(text))


@lru_cache(4096)
def as_one(emoji: str) -> str:
    """The same for all spellings of an emoji that differ in their variation selectors alone: the
    fully-qualified one of Unicode, which is shown in colour."""
    return _ASKS_FOR_PICTURE.sub("\\g<0>\ufe0f", _VARIATION.sub("", emoji))
