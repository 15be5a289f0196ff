"""The wheel holds all that Publisher needs: far from the checkout it makes a workspace, and plays it."""

import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from tests.documents import ROOT

PACKAGES = ("publisher", "channels", "content", "sandbox")
PERIOD = ("--from", "2022-02-14", "--to", "2022-02-16")
PATIENCE = 120.0  # seconds for one command, on a busy machine


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("wheel")
    done(sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", str(out), str(ROOT))
    (found,) = out.glob("publisher-*.whl")
    return found


@pytest.fixture(scope="module")
def programs(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of an environment with the wheel; all other packages it borrows from the one that runs the tests."""
    home = tmp_path_factory.mktemp("installed") / "venv"
    done(sys.executable, "-m", "venv", "--without-pip", str(home))
    python = home / "bin/python"
    pip = (sys.executable, "-m", "pip", "--python", str(python))
    done(*pip, "install", "-q", "--no-deps", "--no-index", "--disable-pip-version-check", str(wheel))
    # A path in a .pth is searched, but what .pth files lie there is not read: an editable checkout stays out.
    site = Path(done(str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip())
    (site / "borrowed.pth").write_text(f"{sysconfig.get_path('purelib')}\n", encoding="utf-8")
    return python.parent


def done(*words: str, cwd: Path | None = None) -> str:
    """What a command that goes well prints; nothing of the checkout is in its environment."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PIP_"))}
    ended = subprocess.run(
        words, cwd=cwd, env={**environment, "LANG": "C.UTF-8"}, capture_output=True, text=True, timeout=PATIENCE
    )
    assert ended.returncode == 0, f"{words}\n{ended.stdout}\n{ended.stderr}"
    return ended.stdout


def test_every_file_of_the_packages_is_in_it(wheel: Path) -> None:
    folders = [ROOT / name for name in PACKAGES]
    files = {path for folder in folders for path in folder.rglob("*") if path.is_file()}
    wanted = {path.relative_to(ROOT).as_posix() for path in files if "__pycache__" not in path.parts}
    with zipfile.ZipFile(wheel) as archive:
        assert wanted - set(archive.namelist()) == set()


def test_it_makes_a_workspace_and_plays_it_without_the_checkout(programs: Path, tmp_path: Path) -> None:
    where = f"import {', '.join(PACKAGES)}; print(*(one.__file__ for one in ({', '.join(PACKAGES)})))"
    for file in done(str(programs / "python"), "-c", where, cwd=tmp_path).split():
        assert Path(file).is_relative_to(programs.parent)
    publisher = str(programs / "publisher")
    done(publisher, "init", "x", "--defaults", "--lang", "vi", "--answer", "from=2022-02-14", cwd=tmp_path)
    folder = tmp_path / "x"
    assert "No mistakes" in done(publisher, "check", cwd=folder)
    done(publisher, "schema", "--out", "schemas", cwd=folder)
    lived = done(publisher, "rehearse", *PERIOD, "--out", str(tmp_path / "out"), "--lang", "vi", cwd=folder)
    assert (tmp_path / "out/index.html").is_file(), lived
    assert "đã đăng" in lived  # the Vietnamese words
    scripts = list((tmp_path / "out").rglob("script.pdf"))
    assert scripts, "the fonts and the page of the script"
    assert all(path.read_bytes().startswith(b"%PDF") for path in scripts)
