"""What one connection knows of its rooms."""

from typing import Any

Event = dict[str, Any]


class Room:
    """One room as its events tell it: of two states of a message the later change counts."""

    def __init__(self, last_seq: int = 0) -> None:
        self.last_seq = last_seq
        self.messages: dict[int, Event] = {}
        self.arrived: list[int] = []

    def change(self, event: Event) -> None:
        self.arrived.append(event["seq"])
        self.last_seq = max(self.last_seq, event["seq"])
        if "message" in event:
            self.learn(event["message"])

    def learn(self, message: Event) -> None:
        known = self.messages.get(message["id"])
        if known is None or known["changed_seq"] < message["changed_seq"]:
            self.messages[message["id"]] = message

    @property
    def log(self) -> list[Event]:
        return sorted(self.messages.values(), key=lambda message: int(message["seq"]))

    @property
    def bodies(self) -> list[str]:
        return [message["body"] for message in self.log]
