"""What the site is made of beside its own code is what was looked at: versions and hashes."""

import json
import re
from hashlib import sha256
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
VENDOR = ROOT / "chat/static/chat/vendor"
MANIFEST = (VENDOR / "MANIFEST").read_text().splitlines()
LOCKS = sorted(
    path
    for folder in (ROOT, ROOT / "tests", ROOT / "benchmarks")
    for path in folder.glob("requirements*.txt")
)


def test_every_vendored_file_is_the_one_that_the_manifest_names() -> None:
    lines = [line.split("  ") for line in MANIFEST if not line.startswith("#")]
    named = {path: digest for digest, path in lines}
    there = {
        str(path.relative_to(VENDOR)): sha256(path.read_bytes()).hexdigest()
        for path in VENDOR.rglob("*")
        if path.is_file() and path.name != "MANIFEST"
    }
    assert there == named
    assert len(there) > 100


def test_every_vendored_folder_tells_its_package_as_the_lock_has_it() -> None:
    locked = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    wanted = json.loads((ROOT / "package.json").read_text())["dependencies"]
    told = [line.split() for line in MANIFEST if line.startswith("#")]
    assert {folder.rstrip(":") for _, folder, *_ in told} == {
        path.name for path in VENDOR.iterdir() if path.is_dir()
    }
    assert {package: version for _, _, _, package, version, _ in told} == wanted
    for _, _, source, package, _version, integrity in told:
        assert (source, integrity) == ("npm", locked[f"node_modules/{package}"]["integrity"])


def test_whatever_is_vendored_stands_in_the_vendored_folder() -> None:
    kinds = {".woff", ".woff2", ".ttf", ".otf", ".wasm"}
    static = ROOT / "chat/static/chat"
    found = [path for path in static.rglob("*") if path.suffix in kinds or ".min." in path.name]
    assert found
    assert [path for path in found if not path.is_relative_to(VENDOR)] == []


def test_known_holes_are_asked_of_every_lock_by_one_version_of_who_asks() -> None:
    script = (ROOT / "bin/advisories").read_text()
    assert re.search(r" pip-audit==[\d.]+ ", script)
    named = re.search(r"for lock in (.+); do", script)
    assert named
    assert sorted(named[1].split()) == sorted(str(path.relative_to(ROOT)) for path in LOCKS)


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_package_of_a_lock_has_one_version_and_its_hashes(lock: Path) -> None:
    text = lock.read_text().replace("\\\n", " ")
    packages = [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]
    assert packages
    for package in packages:
        assert re.match(r"[\w.\[\],-]+==[\w.!+]+ ", package), package
        assert re.search(r"--hash=sha256:[0-9a-f]{64}\b", package), package


@pytest.mark.parametrize("installer", ["bin/_environment", "docs/deployment/Dockerfile"])
def test_nothing_is_installed_by_name_alone(installer: str) -> None:
    text = (ROOT / installer).read_text().replace("\\\n", " ")
    installs = re.findall(r"pip install[^\n&]*", text)
    assert installs
    assert all("--require-hashes" in install for install in installs), installs


def test_the_locks_are_compiled_with_hashes() -> None:
    assert "--generate-hashes" in (ROOT / "bin/lock").read_text()
