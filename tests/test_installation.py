"""Another distribution that brings a package of one of our names is noticed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from publisher.installation import foreign_packages
from tests.offices import Done

NOTE = (
    "the package 'channels' also belongs to channels, which may have replaced files of Publisher: "
    "install Publisher alone, in a virtual environment of its own\n"
)


def install(folder: Path, name: str, *files: str) -> None:
    """What pip leaves in a folder when it installs a distribution."""
    for file in files:
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).touch()
    about = folder / f"{name}-4.2.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 4.2.0\n")
    (about / "RECORD").write_text("".join(f"{file},,\n" for file in (*files, f"{about.name}/METADATA")))


def run(folder: Path, workspace: Path) -> Done:
    """`publisher run` where that folder is searched for packages, too."""
    # Behind our own packages in the search path, as a second installed distribution is: -c keeps them in front.
    code = f"import sys; sys.path.append({str(folder)!r}); from publisher.cli import main; sys.exit(main())"
    command = [sys.executable, "-c", code, "run", "--workspace", str(workspace), "--port", "0"]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ, timeout=30, check=False)
    return Done(done.returncode, done.stdout, done.stderr)


def test_this_installation_is_well() -> None:
    assert foreign_packages() == []


def test_a_foreign_package_stops_the_start(tmp_path: Path) -> None:
    install(tmp_path / "site", "channels", "channels/__init__.py", "channels/consumer.py")
    done = run(tmp_path / "site", tmp_path)
    assert (done.code, done.warned) == (1, NOTE)


@pytest.mark.parametrize("files", [("django_channels/__init__.py",), ("content_types/__init__.py", "contents.py")])
def test_other_distributions_do_not(tmp_path: Path, files: tuple[str, ...]) -> None:
    install(tmp_path / "site", "django-channels", *files)
    done = run(tmp_path / "site", tmp_path)
    assert done.code == 1
    assert "there is no schedules.yaml in" in done.warned


def test_it_is_noticed_by_whoever_asks_with_a_path_of_his_own(tmp_path: Path) -> None:
    install(tmp_path / "site", "sandbox-tools", "sandbox/__init__.py")
    asked = "from publisher.installation import foreign_packages as found; print(*found(), sep='\\n')"
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "site")}
    said = subprocess.run(
        [sys.executable, "-c", asked], capture_output=True, text=True, env=environment, timeout=30, check=True
    ).stdout
    assert said.startswith("the package 'sandbox' also belongs to sandbox-tools")
