"""What people do in a room, at any screen, in one line each."""

from tests.browser.engines.screen import Screen

STORED = ".message[data-id]:not([data-client]) .message-body"
COMPOSER = "#composer-text"


def enter(screen: Screen, path: str = "/rooms/lounge/") -> Screen:
    """Opens a room and waits until its page is live."""
    screen.visit(path)
    screen.until_seen("#here")
    return screen


def say(screen: Screen, text: str) -> None:
    screen.fill(COMPOSER, text)
    screen.press("Enter")


def hear(*screens: Screen, text: str) -> None:
    """Waits until each shows what the server has stored."""
    for screen in screens:
        screen.until_seen(STORED, text)


def heard(screen: Screen) -> list[str]:
    """What the page shows as stored, in its order."""
    return screen.texts(STORED)


def use_tool(screen: Screen, said: str, action: str) -> None:
    """By the toolbar over a message."""
    screen.hover(".message-body", said)
    screen.click(f".tools [data-action={action}]", said)


def use_menu(screen: Screen, said: str, action: str) -> None:
    use_tool(screen, said, "menu")
    screen.click(f"#message-sheet [data-action={action}]")
