"""What stands in front of a site holds back what the site itself would have to."""

from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "docs/deployment"


@pytest.mark.parametrize(
    ("name", "bound"),
    [
        ("nginx.conf", "client_max_body_size 1m;"),
        ("Caddyfile", "max_size 1MB"),
        ("compose.yaml", "max_size 1MB"),
        ("haproxy.cfg", "content-length) gt 1048576"),
    ],
)
def test_bodies_are_bounded_by_every_proxy_that_we_describe(name: str, bound: str) -> None:
    assert bound in (FOLDER / name).read_text()


@pytest.mark.parametrize("name", ["Caddyfile", "compose.yaml"])
def test_no_form_is_sent_to_a_process_that_is_being_replaced(name: str) -> None:
    assert "keepalive off" in (FOLDER / name).read_text()
