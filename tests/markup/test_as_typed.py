"""Words come out as they were typed; the cases of tests/cases/typed.json, for the browser too."""

from typing import Any

import pytest

from chat.errors import Invalid
from chat.markup import VERSION, plain_text, render, shows_something
from chat.models import Message
from chat.presentation import message
from chat.views.message_rows import message_rows
from tests.cases import cases
from tests.scene import make_person, make_room, say

CASES = cases("typed")


@pytest.mark.parametrize("case", CASES, ids=lambda case: ascii(case["body"]))
def test_words_come_out_as_they_were_typed(case: dict[str, Any]) -> None:
    html = render(case["body"])
    assert html == case["html"]
    assert plain_text(html) == " ".join(case["text"].split())


@pytest.mark.parametrize(
    "body",
    [
        *("#", ">", "> >", "```\n```", "```python\n```", "~~~\n~~~", "###### ", "[\u200b](/a)"),
        *("\u200b\u200c\u200d", "&zwnj;", "&nbsp;&#8203;", "\u2800", "\u3164\u115f", "\u00ad"),
        *(
            "\ufeff",
            "\U000e0041\U000e0042",
            "\u202e\u202c",
            "\xa0",
            "\u180e",
            "\u0301",
            "**\u200b**",
        ),
        *("|  |\n|--|\n", "\x1f\x07", "\u2028"),
    ],
    ids=ascii,
)
@pytest.mark.django_db
def test_a_message_without_anything_to_see_is_refused(body: str) -> None:
    anna = make_person("anna")
    room = make_room(anna)
    with pytest.raises(AssertionError) as refused:
        say(anna, room, body)
    assert isinstance(refused.value.args[0], Invalid)
    assert not Message.objects.exists()


@pytest.mark.parametrize(
    "body", [*".-+*!?…", "1.", "0", "***", "&", "<", "é", "👍", "❤️", "&lt;", "ー"]
)
def test_the_shortest_words_are_words(body: str) -> None:
    assert shows_something(render(body))


@pytest.mark.django_db
def test_a_quote_says_what_was_said() -> None:
    anna = make_person("anna")
    room = make_room(anna)
    first = message(Message.objects.shown().get(pk=say(anna, room, "a < b & c\n*d*").pk))
    answer = {**first, "id": 0, "seq": 2, "reply_to": {"id": first["id"], "seq": first["seq"]}}
    info = {"slug": room.slug, "read_seq": 9}
    _row, row = message_rows([first, answer], anna, info, None)
    assert row["quote"]["text"] == "a < b & c d"


@pytest.mark.django_db
def test_what_an_older_release_rendered_is_rendered_anew_without_a_new_number() -> None:
    anna = make_person("anna")
    stored = say(anna, make_room(anna), "**new**")
    assert stored.html_version == VERSION
    Message.objects.filter(pk=stored.pk).update(html="<p>old</p>", html_version=VERSION - 1)
    shown = message(Message.objects.shown().get(pk=stored.pk))
    assert shown["html"] == '<p dir="auto"><strong>new</strong></p>\n'
    assert shown["changed_seq"] == stored.changed_seq


@pytest.mark.parametrize(
    ("body", "is_code"),
    [
        ("|" * 41 + "\n" + "|-" * 40 + "\n", False),
        ("|a|b|\n|-|-|\n" + "|x|\n" * 800, False),
        ("|a|b|\n|-|-|\n" + "|x|\n" * 100, True),
        ("|a|b|\n|-|-|\n|1|2|\n\n---\nwords\n---\n", True),
    ],
)
def test_a_table_is_drawn_as_long_as_it_is_one_to_read(body: str, is_code: bool) -> None:
    assert ("<table>" in render(body)) is is_code


def test_what_would_grow_past_its_bounds_is_shown_as_it_was_typed() -> None:
    body = "[a](b)" * 1600
    assert render(body) == f'<p dir="auto">{body}</p>\n'
