"""A fresh checkout serves its static files under plain daphne too."""

from pathlib import Path

import pytest
from django.templatetags.static import static
from pytest_django import Settings

from chatsite.static_files import collect_if_never_done


@pytest.fixture
def manifest(settings: Settings, tmp_path: Path) -> Path:
    settings.DEBUG = False
    root = settings.STATIC_ROOT = tmp_path / "var" / "static"
    settings.STATIC_LOCK = tmp_path / "var" / "lock"
    backend = "servestatic.storage.CompressedManifestStaticFilesStorage"
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": backend}}
    return root / "staticfiles.json"


def test_they_are_collected_where_nobody_ever_did(manifest: Path) -> None:
    collect_if_never_done()
    assert (manifest.parent / static("chat/favicon.svg").removeprefix("/static/")).exists()


def test_what_was_collected_is_left_alone(manifest: Path) -> None:
    manifest.parent.mkdir(parents=True)
    manifest.write_text("{}")
    collect_if_never_done()
    assert [path.name for path in manifest.parent.iterdir()] == ["staticfiles.json"]


def test_while_debugging_nothing_is_collected(manifest: Path, settings: Settings) -> None:
    settings.DEBUG = True
    collect_if_never_done()
    assert not manifest.exists()
