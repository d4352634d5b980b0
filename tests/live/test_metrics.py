"""What an operator watches: /metrics and the log."""

import asyncio
import re

from tests.live.client import Tabs
from tests.live.servers import Daphne
from tests.live.site import Answer, Site, Visitor

TOKEN = "a token for the tests"


def metrics(daphne: Daphne, **headers: str) -> Answer:
    visitor = Visitor(daphne)
    return visitor.get("/metrics", **headers)


def figure(text: str, name: str) -> float:
    found = re.search(rf"^{re.escape(name)} (\S+)$", text, re.MULTILINE)
    assert found, f"no {name} in:\n{text}"
    return float(found[1])


async def test_the_figures_tell_what_happened(sqlite_site: Site, tab: Tabs) -> None:
    daphne = sqlite_site.serve(METRICS_TOKEN=TOKEN)
    lounge = sqlite_site.rooms["lounge"]
    alice, bob = await tab(daphne, "alice"), await tab(daphne, "bob")
    for number in range(3):
        posted = await alice.post(lounge, str(number))
    await bob.reach(lounge, posted["seq"])
    await bob.command("sync", room=lounge, after=0)

    answer = await asyncio.to_thread(metrics, daphne, Authorization=f"Bearer {TOKEN}")

    assert figure(answer.text, "chat_connections") == 2
    assert figure(answer.text, "chat_posts_total") == 3
    assert figure(answer.text, "chat_changes_total") == 3
    assert figure(answer.text, "chat_deliveries_total") == 6
    assert figure(answer.text, "chat_syncs_total") == 1
    assert figure(answer.text, "chat_answer_seconds_count") >= 3


def test_the_figures_are_for_staff_and_for_who_bears_the_token(sqlite_site: Site) -> None:
    daphne = sqlite_site.serve(METRICS_TOKEN=TOKEN)

    assert metrics(daphne, Authorization=f"Bearer {TOKEN}").status == 200
    assert Visitor(daphne, "alice").get("/metrics").status == 200
    assert metrics(daphne).status == 404
    assert metrics(daphne, Authorization="Bearer another").status == 404
    assert Visitor(daphne, "carol").get("/metrics").status == 404


def test_without_a_token_of_its_own_a_site_takes_none(sqlite_site: Site) -> None:
    daphne = sqlite_site.serve()

    assert metrics(daphne, Authorization="Bearer ").status == 404
    assert metrics(daphne, Authorization="Bearer").status == 404


async def test_the_log_has_one_line_an_event_and_nobodys_words(
    sqlite_site: Site, tab: Tabs
) -> None:
    daphne = sqlite_site.serve()
    lounge = sqlite_site.rooms["lounge"]
    alice = await tab(daphne, "alice")
    await alice.post(lounge, "my secret words")
    await alice.send({"type": "post", "room": lounge, "client_id": "!", "body": "my secret words"})
    await alice.expect("error")
    await asyncio.to_thread(Visitor(daphne).get, "/nowhere/")

    log = daphne.log()

    assert "event=" in log
    assert "my secret words" not in log
    assert sqlite_site.people["alice"].session not in log
