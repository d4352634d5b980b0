"""What `tests/js/bidi.test.js` says of the page, of the server."""

import json
from pathlib import Path

import pytest

from chat.templatetags.bidi import isolated

CASES = json.loads((Path(__file__).parents[1] / "isolated-words.json").read_text())


@pytest.mark.parametrize(("words", "kept"), CASES)
def test_words_that_would_turn_a_sentence_are_kept_apart_in_it(words: str, kept: str) -> None:
    assert isolated(words) == kept
