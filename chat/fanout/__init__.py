"""The only door to the channel layer: who is in which room here, and what they are all told.

A process joins a room's group once, on behalf of all its connections there. What was committed is
encoded once, leaves in the order of its numbers, and reaches every local connection as the same
text; bursts are gathered into one frame. The layer carries it to the other processes as a hint:
what it loses, `chat.follower` reads from the log.
"""

from chat.fanout.feed import Change, Feed, Member, Speaker, write
from chat.fanout.hubs import Hub, access_changed, hub, people_changed, publish, to_person
from chat.fanout.relay import Hint, Relay, room_group

__all__ = [
    "Change",
    "Feed",
    "Hint",
    "Hub",
    "Member",
    "Relay",
    "Speaker",
    "access_changed",
    "hub",
    "people_changed",
    "publish",
    "room_group",
    "to_person",
    "write",
]
