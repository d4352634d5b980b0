"""What a delivered message costs the server, beside the chat of the Channels tutorial."""

from pathlib import Path

import pytest

from benchmarks.contenders import CONTENDERS, Stage
from benchmarks.measurements import Conversation
from benchmarks.seats import Crowd

MEMBERS = Crowd(100)


@pytest.mark.alone
@pytest.mark.slow
def test_a_delivery_costs_at_most_a_tenth_of_the_tutorials(tmp_path: Path) -> None:
    conversation = Conversation("speak", MEMBERS, speakers=20, seconds=1, rounds=3)
    stage = Stage(tmp_path, [MEMBERS])
    with (
        CONTENDERS["chatsite-daphne"].serve("chatsite-daphne", stage) as ours,
        CONTENDERS["tutorial-memory"].serve("tutorial-memory", stage) as tutorial,
    ):
        chatsite, other = conversation.run([ours, tutorial], progress=lambda _step: None)

    assert not any(chatsite.faults.values()), chatsite.faults
    assert not any(other.faults.values()), other.faults
    assert chatsite.cpu_ratio(other) <= 0.1, (chatsite.figures, other.figures)
