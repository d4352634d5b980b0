"""What counts as one emoji."""

import re

_PICTURE = "[©®‼⁉™ℹ←-⇿⌀-⏿Ⓜ■-➿⤀-⥿⬀-⯿〰〽㊗㊙\U0001f000-\U0001f1e5\U0001f200-\U0001faff]"
_TONE = "[\U0001f3fb-\U0001f3ff]"
_TAGS = "[\U000e0020-\U000e007e]+\U000e007f"
_PERSON_OR_THING = rf"{_PICTURE}[\ufe0e\ufe0f]?{_TONE}?\ufe0f?(?:{_TAGS})?"
_EMOJI = re.compile(
    "[\U0001f1e6-\U0001f1ff]{2}"  # a flag
    r"|[0-9#*]\ufe0f?\u20e3"  # a key
    rf"|{_PERSON_OR_THING}(?:\u200d{_PERSON_OR_THING})*"
)


def is_emoji(text: str) -> bool:
    """One emoji, as Unicode puts them together (UTS #51, 1.4.9), whether fonts draw it or not."""
    return bool(_EMOJI.fullmatch(text))
