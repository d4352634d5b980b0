"""From an address to a room there is one way: `access`."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

CHAT = Path(__file__).resolve().parents[1] / "chat"
PAGES = sorted([*(CHAT / "views").rglob("*.py"), CHAT / "api.py"])
ELSEWHERE = sorted(
    path
    for path in CHAT.rglob("*.py")
    if path.relative_to(CHAT).parts[0] not in {"access", "actions", "migrations"}
)
ROOMS = {"Room", "RoomSlug", "RoomLook", "Membership", "Departure"}
BY_ADDRESS = {"slug", "slug__in", "slug__iexact", "room__slug", "old_slugs", "old_slugs__slug"}
FETCHING = {"get_object_or_404", "get_list_or_404", "aget_object_or_404", "aget_list_or_404"}


def fetched_past_access(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=ast.Name(id=model), attr="objects" | "_default_manager") if (
                model in ROOMS
            ):
                yield f"{model}.objects"
            case ast.Name(id=name) | ast.alias(name=name) if name in FETCHING | {"RoomSlug"}:
                yield name


def asked_by_address(tree: ast.AST) -> Iterator[str]:
    """What names an address in a call that could look a room up."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            named = {keyword.arg for keyword in node.keywords} & BY_ADDRESS
            if node.func.attr in {"filter", "get", "exclude", "aget", "get_or_create"} and named:
                yield f"{node.func.attr}({', '.join(map(str, named))})"


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_no_page_and_no_api_fetches_a_room_itself(path: Path) -> None:
    assert list(fetched_past_access(ast.parse(path.read_text()))) == []


def test_nothing_but_access_and_actions_looks_for_a_room_by_its_address() -> None:
    found = {
        str(path.relative_to(CHAT)): asked
        for path in ELSEWHERE
        if (asked := list(asked_by_address(ast.parse(path.read_text()))))
    }
    assert found == {}


@pytest.mark.parametrize(
    "code",
    [
        "Room.objects.filter(slug=slug).first()",
        "get_object_or_404(Room, slug=slug)",
        "from chat.models import RoomSlug",
        "Membership.objects.get(room__slug=slug, user=user)",
        "person.rooms.get(slug=slug)",
    ],
)
def test_this_test_would_see_it(code: str) -> None:
    tree = ast.parse(code)
    assert [*fetched_past_access(tree), *asked_by_address(tree)]
