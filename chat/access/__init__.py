"""May they? The one place that knows, for sockets, pages, the API, the admin and the actions alike.

Fetching and checking is one call: nobody can hold what they may not see. What is absent and what is
hidden look alike.
"""

from chat.access.messages import (
    check_deletes,
    check_edits,
    message_for,
)
from chat.access.people import check_manages, check_moderates, fresh, may_manage, moderates
from chat.access.rooms import (
    ARCHIVED,
    OLD_ADDRESSES,
    addressed_rooms,
    check_joins,
    check_settles,
    current_memberships,
    findable_rooms,
    kept_addresses,
    may_settle,
    may_speak,
    membership_at,
    membership_for,
    put_out_of,
    reason_of_leaving,
    room_at,
    room_for,
    rooms_alike,
    settled_room_at,
    settles_anywhere,
    writable_room_for,
)
from chat.access.sessions import (
    Blocked,
    Rights,
    SignedOut,
    access_version,
    rights,
    rooms_of,
    user_of,
    user_of_session,
)

__all__ = [
    "ARCHIVED",
    "OLD_ADDRESSES",
    "Blocked",
    "Rights",
    "SignedOut",
    "access_version",
    "addressed_rooms",
    "check_deletes",
    "check_edits",
    "check_joins",
    "check_manages",
    "check_moderates",
    "check_settles",
    "current_memberships",
    "findable_rooms",
    "fresh",
    "kept_addresses",
    "may_manage",
    "may_settle",
    "may_speak",
    "membership_at",
    "membership_for",
    "message_for",
    "moderates",
    "put_out_of",
    "reason_of_leaving",
    "rights",
    "room_at",
    "room_for",
    "rooms_alike",
    "rooms_of",
    "settled_room_at",
    "settles_anywhere",
    "user_of",
    "user_of_session",
    "writable_room_for",
]
