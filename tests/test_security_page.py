"""Every defence and every test that the page of holes names is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs/security.md").read_text()
HOLES = re.findall(r"^\| (H\d+) \| ([^|]*) \| ([^|]*) \| ([^|]*) \|$", PAGE, re.MULTILINE)


def test_every_line_has_a_defence_and_a_test() -> None:
    assert len(HOLES) == PAGE.count("\n| H")
    for hole, attack, defence, test in HOLES:
        assert attack.strip(), hole
        assert "`" in defence, hole
        assert "`tests/" in test, hole


@pytest.mark.parametrize(
    "path", sorted(set(re.findall(r"`((?:chat|chatsite|tests|bin)/[^` ]+)`", PAGE)))
)
def test_what_the_page_names_is_there(path: str) -> None:
    assert (ROOT / path).exists()
