"""What the documents promise is in the code, and what the code does is in the documents."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from chat import connection, errors, history, metrics, presentation, protocol
from chat.models import Membership, Message
from tests.scene import make_person, make_room, say

ROOT = Path(__file__).resolve().parents[1]
PROTOCOL = (ROOT / "docs/protocol.md").read_text()
OPERATIONS = (ROOT / "docs/operations.md").read_text()
TYPES = (ROOT / "chat/static/chat/js/types.js").read_text()
CODE = {
    path: path.read_text()
    for folder in ("chat", "chatsite")
    for path in sorted((ROOT / folder).rglob("*.py"))
    if "migrations" not in path.parts
}
WIRE = "\n".join(CODE.values())

BY_OTHERS = {"admin", "accounts"}
"""What stands below these is Django's and allauth's, but for OURS."""
OURS = {"/accounts/profile/"}
KEPT_FOR_LATER = {"blocked"}


def section(text: str, heading: str) -> str:
    level = heading.split()[0]
    rest = text.split(f"\n{heading}\n", 1)[1]
    return re.split(rf"\n#{{1,{len(level)}}} ", rest)[0]


def first_cells(table: str) -> set[str]:
    """All that stands in backticks in the first column."""
    rows = re.findall(r"^\| ([^|]*)\|", table, re.MULTILINE)
    return {name for row in rows for name in re.findall(r"`([^`]+)`", row)}


def test_every_setting_is_documented_and_every_documented_one_is_read() -> None:
    read = set(re.findall(r'environment\.[a-z_]+\(\s*"([A-Z_]+)"', WIRE))
    assert len(read) > 10
    assert read == first_cells(section(PROTOCOL, "## Settings"))
    told = set(
        re.findall(r"\b(?:CHAT|METRICS|TRUST|WEB|DATABASE|REDIS|EMAIL)_[A-Z_]+\b", OPERATIONS)
    )
    assert told <= read


def routes(patterns: Any, prefix: str = "") -> Iterator[str]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver) and route.strip("/") not in BY_OTHERS:
            yield from routes(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern) and "api-root" not in str(pattern.name):
            yield "/" + re.sub(r"<(?:[a-z-]+:)?([a-z_]+)>", r"<\1>", route).replace("room_id", "id")


def test_every_route_is_documented_and_every_documented_one_leads_somewhere() -> None:
    documented = {
        re.sub(r"\?.*", "", path)
        for path in first_cells(section(PROTOCOL, "## HTTP"))
        if path.startswith("/") and (path in OURS or path.split("/")[1] not in BY_OTHERS)
    }
    ours = set(routes(get_resolver().url_patterns))
    ours -= {path for path in ours if path.split("/")[1] in BY_OTHERS and path not in OURS}
    assert documented - ours == set()
    assert ours - documented == set()


def commands() -> dict[str, set[str]]:
    """As the table of the protocol has them, with their fields."""
    table = section(PROTOCOL, "## WebSocket: `/ws/chat/?protocol=1`")
    rows = re.findall(r"^\| ([^|]*)\|", table, re.MULTILINE)
    found = re.findall(r"`([a-z]+) \{([^}]*)\}`", " ".join(rows))
    return {name: set(fields.replace(" ", "").split(",")) for name, fields in found}


def test_every_command_is_documented_with_its_fields() -> None:
    in_code = {
        name: {
            (info.alias or field) + ("" if info.is_required() else "?")
            for field, info in model.model_fields.items()
            if field != "ref"
        }
        for name, model in protocol.COMMANDS.items()
    }
    assert commands() == in_code
    assert set(re.findall(r'\{\{?type: "([a-z]+)"[^}]*\}+ [A-Z][a-z]+Command', TYPES)) == set(
        in_code
    )


def events() -> set[str]:
    """All types that the code writes down."""
    made = re.findall(r'(?:"type": |"type":|\breply\(\s*)"([a-z]+)"', WIRE)
    return set(made)


def test_every_event_is_documented_and_every_documented_one_is_sent() -> None:
    text = section(PROTOCOL, "## WebSocket: `/ws/chat/?protocol=1`")
    documented = set(re.findall(r"`([a-z]+) \{", text)) - (set(commands()) - events())
    assert len(events()) > 12
    assert documented == events()
    in_types = set(re.findall(r'(?:type: |@property \{)"([a-z]+)"\}? ?(?:type)?', server_types()))
    assert in_types == events()


def server_types() -> str:
    return TYPES.split("// What the server sends")[1].split("// What the page sends")[0]


def test_every_reason_of_leaving_is_documented() -> None:
    sent = {"left", "removed", "deleted"}
    for reason in sent:
        assert f'"{reason}"' in WIRE
    text = re.search(r"`left \{room, reason\}` with (.*?);", PROTOCOL, re.DOTALL)
    in_types = re.search(r'type: "left", room: number, reason: ([^}]*)\}', TYPES)
    assert text
    assert in_types
    assert set(re.findall(r"`([a-z]+)`", text[1])) == sent | KEPT_FOR_LATER
    assert set(re.findall(r'"([a-z]+)"', in_types[1])) == sent | KEPT_FOR_LATER


def test_every_code_of_an_error_is_documented() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type)]
    in_code = {kind.code for kind in kinds if issubclass(kind, errors.ChatError)}
    promise = re.search(r"^5\. .*?(?=^6\. )", PROTOCOL, re.DOTALL | re.MULTILINE)
    assert promise
    listed = re.search(r"Codes: (.*?)Retry", promise[0], re.DOTALL)
    assert listed
    assert set(re.findall(r"`([a-z_]+)`", re.sub(r"\([^)]*\)", "", listed[1]))) == in_code


def test_every_close_code_is_documented() -> None:
    in_code = {value for value in vars(connection).values() if value in range(4000, 5000)}
    table = PROTOCOL.split("9. Close codes")[1]
    assert {int(code) for code in re.findall(r"^\| (4\d\d\d) \|", table, re.MULTILINE)} == in_code


def test_every_command_line_is_documented() -> None:
    folder = ROOT / "chat/management/commands"
    names = {path.stem for path in folder.glob("*.py")} - {"__init__"}
    commands = section(PROTOCOL, "## Commands")
    assert set(re.findall(r"`manage\.py ([a-z_]+)", commands)) == names


def test_every_figure_and_every_line_of_the_log_in_the_documents_exists() -> None:
    figures = set(re.findall(r"\bchat_[a-z_]+", OPERATIONS))
    there = metrics.text().decode()
    assert figures
    for figure in figures:
        name = re.sub("_(total|bucket)$", "", figure)
        assert re.search(rf"^# HELP {name}(_total)? ", there, re.MULTILINE), figure
    logged = set(logged_events())
    assert len(logged) > 15
    assert first_cells(section(OPERATIONS, "## Logs")) == logged


def logged_events() -> Iterator[str]:
    for text in CODE.values():
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("logger."):
                first = node.args[0]
                assert isinstance(first, ast.Constant)
                yield str(first.value).split()[0]


def assert_known(name: str, sent: dict[str, Any]) -> None:
    """A type of the page's has these; those in brackets may be absent."""
    block = re.search(rf"@typedef {{object}} {name}\b(.*?)\*/", TYPES, re.DOTALL)
    assert block, name
    known = set(re.findall(r"@property \{.*\} \[?([a-z_]+)\]?", block[1]))
    always = set(re.findall(r"@property \{.*\} ([a-z_]+)", block[1]))
    assert always <= set(sent) <= known, name
    assert known <= set(re.findall(r"[a-z_]+", PROTOCOL)), name


@pytest.mark.django_db
def test_the_page_knows_all_that_the_server_sends() -> None:
    person = make_person("ada")
    room = make_room(person)
    say(person, room)
    message = presentation.message(Message.objects.shown().get())
    info = history.room_info(Membership.objects.select_related("room").get(), 0)
    assert_known("Message", message)
    assert_known("Person", message["author"])
    assert_known("RoomInfo", info)
    assert_known("Page", history.page(room).data())
