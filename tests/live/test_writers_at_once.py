"""Many write at once, in several threads and processes: the log has no hole and nothing twice."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.live.site import Site

THREADS = 8
PROCESSES = {"sqlite": 1, "postgres": 2}
POSTS = {"sqlite": 6, "postgres": 8}
"""SQLite lets those who wait for its one writer wait unfairly, and for no longer than its timeout:
all of them together must be done by then."""

WRITERS = """
from concurrent.futures import ThreadPoolExecutor
from django.db import connection
from chat.actions.messages import NewPost, Stored, edit_message, post_messages, react
from chat.models import User

room = {room}
members = list(User.objects.filter(memberships__room=room).order_by("pk"))

def write(thread):
    user = members[thread % len(members)]
    faults, new = [], 0
    for number in range({posts}):
        # Every process and thread of one person says the same: each word is stored once.
        names = [f"w{{number}}-{{part}}" for part in range(3)]
        if thread % 2:
            names.reverse()
        batch = [NewPost(user=user, room_id=room, client_id=name, body=name) for name in names]
        try:
            outcomes = post_messages(batch)
            faults += [repr(o) for o in outcomes if not isinstance(o, Stored)]
            new += sum(o.new for o in outcomes if isinstance(o, Stored))
            message = outcomes[0].message.pk
            new += react(user, room, message, "👍", bool(number % 2)).new
            new += edit_message(user, room, message, f"edited {{thread}} {{number}}").new
        except Exception as error:
            faults.append(repr(error))
    connection.close()
    return new, faults

with ThreadPoolExecutor({threads}) as pool:
    done = list(pool.map(write, range({threads})))
result = dict(
    new=sum(new for new, _ in done),
    faults=[fault for _, faults in done for fault in faults],
    people=min(len(members), {threads}),
)
"""

LOG = """
from chat.models import Message, Room
rows = Message.objects.filter(room={room})
result = dict(
    head=Room.objects.get(pk={room}).last_seq,
    said=[list(row) for row in rows.values_list("author_id", "client_id")],
    seqs=list(rows.order_by("seq").values_list("seq", flat=True)),
    changed=list(rows.values_list("changed_seq", flat=True)),
)
"""


def test_threads_and_processes_that_write_at_once_leave_a_log_without_hole_or_repeat(
    site: Site,
) -> None:
    room = site.rooms["lounge"]
    before = site.shell(LOG.format(room=room))
    code = WRITERS.format(room=room, posts=POSTS[site.vendor], threads=THREADS)
    with ThreadPoolExecutor() as pool:
        runs: list[dict[str, Any]] = list(pool.map(site.shell, [code] * PROCESSES[site.vendor]))
    log = site.shell(LOG.format(room=room))
    assert [fault for run in runs for fault in run["faults"]] == []
    said = [tuple(pair) for pair in log["said"]]
    assert len(said) == len(set(said))
    assert len(said) - len(before["said"]) == runs[0]["people"] * POSTS[site.vendor] * 3
    assert log["head"] - before["head"] == sum(run["new"] for run in runs), json.dumps(runs)[:500]
    assert len(set(log["changed"])) == len(log["changed"])
    assert max(log["changed"]) == log["head"]
    assert len(set(log["seqs"])) == len(log["seqs"])


ACROSS_ROOMS = """
from concurrent.futures import ThreadPoolExecutor
from django.db import connection
from chat.actions.messages import NewPost, Stored, post_messages
from chat.models import User

rooms = {rooms}
anna = User.objects.filter(memberships__room=rooms[0]).filter(memberships__room=rooms[1]).first()

def write(thread):
    faults = []
    for number in range({posts}):
        order = rooms if thread % 2 else rooms[::-1]
        batch = [NewPost(anna, room, f"a{{thread}}-{{number}}-{{room}}", "hello") for room in order]
        try:
            faults += [repr(o) for o in post_messages(batch) if not isinstance(o, Stored)]
        except Exception as error:
            faults.append(repr(error))
    connection.close()
    return faults

with ThreadPoolExecutor({threads}) as pool:
    result = [fault for faults in pool.map(write, range({threads})) for fault in faults]
"""


def test_batches_over_the_same_rooms_in_other_orders_do_not_block_each_other(site: Site) -> None:
    rooms = sorted(site.rooms.values())[:2]
    code = ACROSS_ROOMS.format(rooms=rooms, posts=4 * POSTS[site.vendor], threads=THREADS)
    assert site.shell(code) == []
