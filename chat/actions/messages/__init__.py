"""What is said, changed and taken back. Every change takes its room's next number."""

from chat.actions.messages.changing import delete_message, edit_message, moderate_message, react
from chat.actions.messages.log import Outcome, Stored, take_numbers
from chat.actions.messages.posting import NewPost, post_messages

__all__ = [
    "NewPost",
    "Outcome",
    "Stored",
    "delete_message",
    "edit_message",
    "moderate_message",
    "post_messages",
    "react",
    "take_numbers",
]
