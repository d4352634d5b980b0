"""Other accounts of the machine read nothing of the site's, whichever way it is started."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
IMPORT = "import chatsite.asgi"
WRITE_AND_TELL = """
import glob, os, sys
from chat.models import Site
with open(sys.argv[1] + ".log", "w"):
    pass
Site.objects.update_or_create(pk=1)
for path in sorted(glob.glob(sys.argv[1] + "*")):
    sys.stdout.write(f"{path} {os.stat(path).st_mode & 0o777:o}\\n")
"""


def run(path: Path, *arguments: str) -> str:
    """By an account whose files are open to all."""
    env = {"PATH": os.environ["PATH"], "SECRET_KEY": "x", "ALLOWED_HOSTS": "a", "DEBUG": "0"}
    told = subprocess.run(  # noqa: S603
        [sys.executable, *arguments],
        cwd=ROOT,
        env={**env, "DATABASE_URL": f"sqlite:///{path}"},
        umask=0o022,
        capture_output=True,
        text=True,
        check=True,
    )
    return told.stdout


def modes(told: str, path: Path) -> dict[str, str]:
    lines = [line.rsplit(" ", 1) for line in told.splitlines() if line.startswith(str(path))]
    return {name.removeprefix(str(path)): mode for name, mode in lines}


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("files") / "chat.sqlite3"
    run(path, "manage.py", "migrate", "--verbosity", "0")
    return path


def test_what_a_command_makes_is_its_own(migrated: Path) -> None:
    assert migrated.stat().st_mode & 0o777 == 0o600


def test_what_a_server_makes_is_its_own_and_what_was_open_is_closed(migrated: Path) -> None:
    migrated.chmod(0o644)

    told = run(migrated, "-c", IMPORT + WRITE_AND_TELL, str(migrated))

    found = modes(told, migrated)
    assert set(found) >= {"", ".log", "-wal", "-shm"}
    assert set(found.values()) == {"600"}


def test_the_folder_of_what_a_site_makes_is_its_own() -> None:
    run(Path(":memory:"), "manage.py", "check")
    assert (ROOT / "var").stat().st_mode & 0o077 == 0
