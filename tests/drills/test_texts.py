"""The search for a text that costs more than its length, over every pair of constructs."""

import pytest

from tests.markup.test_costs import PAIRS, SHARE, search


@pytest.mark.full
@pytest.mark.parametrize("part", range(SHARE))
def test_every_pair_of_constructs_costs_its_length(part: int) -> None:
    search(PAIRS[part::SHARE])
