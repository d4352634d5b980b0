"""With DEBUG off, pages name their files by hashes that only `collectstatic` knows."""

import fcntl
from pathlib import Path

from django.conf import settings
from django.core.management import call_command


def collect_if_never_done() -> None:
    """So that plain daphne serves a fresh checkout too. `bin/serve` collects at every start."""
    root = Path(settings.STATIC_ROOT)
    manifest = root / "staticfiles.json"
    if settings.DEBUG or manifest.exists():
        return
    root.parent.mkdir(parents=True, exist_ok=True)
    with settings.STATIC_LOCK.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two would trip over each other's files
        if not manifest.exists():
            call_command("collectstatic", interactive=False, verbosity=0)
