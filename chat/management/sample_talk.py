"""What people might say in a chat: short and long, plain and marked up, in several scripts."""

from itertools import product

_OPENINGS = (
    "Morning!",
    "Quick one:",
    "By the way,",
    "For the record:",
    "Good news.",
    "Hm.",
    "Thanks!",
    "One more thing:",
    "Sorry, late to this.",
    "@everyone heads up:",
)
_MIDDLES = (
    "the deploy went through at ten, nothing to see in the logs",
    "I moved the meeting to Thursday because half of us are away",
    "can somebody look at the failing test on the release branch?",
    "the new coffee machine works, and there is a queue already",
    "we should write down how the back-up is restored, before we need it",
    "I can reproduce it with two tabs open and the network off",
    "the draft is ready to read; be merciless",
    "it was the time zone again, of course",
)
_ENDINGS = (
    "",
    "What do you think?",
    "No hurry.",
    "See https://example.org/notes/42 for the details.",
    "🎉",
)
_CODE = """This one bit me today:

```python
def add(item, basket=[]):
    basket.append(item)
    return basket
```"""
_TABLE = """| run | before | after |
| --- | ---: | ---: |
| cold | 812 ms | 240 ms |
| warm | 97 ms | 31 ms |"""
_LONG = (
    "The `last_seq` of a room never goes back. If it ever does, the page drops what it holds and"
    " loads the newest messages, and that is the whole recovery: no queue to drain, no cache to"
    " clear, nothing to remember at three in the morning."
)
_SINGLE = (
    "👍",
    "ok",
    "Works for me.",
    "Done, and **deployed**.",
    "今天的会议改到下午三点。",
    "Доброе утро! Кто сегодня на связи?",
    "صباح الخير، هل انتهى العمل؟",
    "नमस्ते, रिपोर्ट तैयार है।",
    "> Can we ship on Friday?\n\nWe can. We *shouldn't*.",
    "Left to do:\n\n- the migration\n- the notes\n- cake",
    "1. Stop the server\n2. Restore the file\n3. `manage.py new_epoch`",
    _CODE,
    _TABLE,
    _LONG,
)


def bodies() -> list[str]:
    """Some hundred different ones; the special ones stand several times, to be met now and then."""
    ordinary = [
        " ".join(part for part in parts if part) for parts in product(_OPENINGS, _MIDDLES, _ENDINGS)
    ]
    return ordinary + list(_SINGLE) * 8
