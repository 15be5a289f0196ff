"""A real WordPress for the tests: Debian's package on PHP's own web server, over a private MariaDB.

Nothing of the system is changed: the program files are read where the package put them, and all that is
written (configuration, uploads, database, logs) lies in a folder of its own.
"""

import json
import os
import secrets
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from tests.real.processes import START_LIMIT, Restartable, free_port, running, stopped, wait_until

PACKAGE = Path("/usr/share/wordpress")
HERE = Path(__file__).parent
PROGRAMS = ("php", "mariadbd", "mariadb-install-db", "mariadb")
EXTENSIONS = frozenset({"curl", "dom", "gd", "intl", "mbstring", "mysqli", "zip"})
EDITOR, CONTRIBUTOR = "bien-tap", "cong-tac-vien"


@dataclass(frozen=True)
class WordPressServer:
    """A running WordPress. `url` has no slash at its end; the passwords are application passwords."""

    url: str
    passwords: Mapping[str, str]  # by user name
    folder: Path
    database: "subprocess.Popen[bytes]"
    web: Restartable

    username = EDITOR
    contributor = CONTRIBUTOR  # may write drafts, but neither publish nor upload

    @property
    def password(self) -> str:
        """The editor's application password."""
        return self.passwords[self.username]

    def api(self, path: str, method: str = "GET", body: Any = None, **params: str) -> Any:
        """The JSON answer of WordPress's own API, asked as the editor; `path` is below `/wp-json/`."""
        answer = requests.request(
            method,
            f"{self.url}/wp-json/{path}",
            params=params,
            json=body,
            auth=(self.username, self.password),
            timeout=30,
        )
        answer.raise_for_status()
        return answer.json()

    def hung_database(self) -> AbstractContextManager[None]:
        """The database neither answers nor closes its connections; afterwards it goes on as if nothing was."""
        return stopped(self.database)


def missing() -> list[str]:
    """What this machine lacks for a WordPress, in words; empty when it has everything."""
    lacks = [f"the program {program}" for program in PROGRAMS if _found(program) is None]
    if not (PACKAGE / "wp-load.php").is_file():
        lacks.append(f"WordPress in {PACKAGE}")
    elif not list(PACKAGE.glob("wp-content/themes/*/style.css")):
        lacks.append("a theme of WordPress")
    if php := _found("php"):
        listed = subprocess.run([php, "-m"], capture_output=True, text=True, check=True, timeout=START_LIMIT)
        lacks += [f"PHP's extension {name}" for name in sorted(EXTENSIONS - set(listed.stdout.lower().split()))]
    return lacks


def _found(program: str) -> str | None:
    """The path of a program, also of one that only administrators have in their search path."""
    return shutil.which(program, path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin")


@contextmanager
def running_wordpress(folder: Path) -> Iterator[WordPressServer]:
    """A new, empty WordPress below `folder` (a short path: the database's socket must fit into 107 bytes)."""
    with ExitStack() as stack:
        database, database_socket = stack.enter_context(_running_database(folder))
        root = _lay_out(folder / "site")
        url = f"http://127.0.0.1:{free_port()}"
        environment = {
            **os.environ,
            "WP_DATABASE": "wordpress",
            "WP_SOCKET": str(database_socket),
            "WP_URL": url,
            "WP_SALT": secrets.token_hex(32),
            "PHP_CLI_SERVER_WORKERS": "4",
        }
        passwords = _install(root, environment)
        web = Restartable(_web_command(root, url), folder / "php.log", environment, lambda: _answers(url))
        stack.enter_context(closing(web)).start()
        yield WordPressServer(url, passwords, folder, database, web)


def _lay_out(root: Path) -> Path:
    """The folder that is served: the package's files where they are, but an own configuration and uploads."""
    content = root / "wp-content"
    (content / "uploads").mkdir(parents=True)
    for name in ("plugins", "themes"):
        (content / name).symlink_to(PACKAGE / "wp-content" / name)
    for name in ("wp-admin", "wp-includes"):
        (root / name).symlink_to(PACKAGE / name)
    for file in PACKAGE.glob("*.php"):  # copied: each finds its neighbours by the folder that it lies in
        if file.name != "wp-config.php":
            shutil.copyfile(file, root / file.name)
    shutil.copyfile(HERE / "wordpress_config.php", root / "wp-config.php")
    return root


def _install(root: Path, environment: Mapping[str, str]) -> dict[str, str]:
    done = subprocess.run(
        [
            *("php", "-d", "sendmail_path=/bin/true", HERE / "wordpress_install.php", root),
            *(f"editor={EDITOR}", f"contributor={CONTRIBUTOR}"),
        ],
        env=environment,
        capture_output=True,
        text=True,
        timeout=START_LIMIT,
    )
    try:
        passwords = json.loads(done.stdout)
    except ValueError:
        raise RuntimeError(f"WordPress was not installed: {done.stdout[-2000:]}{done.stderr[-2000:]}") from None
    return dict(passwords)


def _web_command(root: Path, url: str) -> list[str]:
    settings = (
        "opcache.enable_cli=1",  # the workers share the compiled program: answers in a fifth of the time
        "upload_max_filesize=16M",
        "post_max_size=32M",
        "sendmail_path=/bin/true",
    )
    options = [part for setting in settings for part in ("-d", setting)]
    return ["php", *options, "-S", url.removeprefix("http://"), "-t", str(root), str(HERE / "wordpress_router.php")]


@contextmanager
def _running_database(folder: Path) -> Iterator[tuple["subprocess.Popen[bytes]", Path]]:
    """A MariaDB with one empty database, `wordpress`, reached by its socket alone."""
    data, database_socket, log = folder / "data", folder / "db.sock", folder / "mariadb.log"
    user = ["--user=root"] if os.geteuid() == 0 else []
    subprocess.run(
        [
            *("mariadb-install-db", "--no-defaults", f"--datadir={data}", "--skip-test-db"),
            *("--auth-root-authentication-method=normal", *user),
        ],
        capture_output=True,
        check=True,
        timeout=START_LIMIT,
    )
    command = [
        *(
            _found("mariadbd") or "mariadbd",
            "--no-defaults",
            f"--datadir={data}",
            f"--socket={database_socket}",
            "--skip-networking",
        ),
        *(f"--pid-file={folder / 'db.pid'}", "--innodb-flush-log-at-trx-commit=0", *user),
    ]
    with running(command, log) as database:
        client = ["mariadb", "--no-defaults", f"--socket={database_socket}", "--user=root", "--execute"]
        create = [*client, "CREATE DATABASE IF NOT EXISTS wordpress CHARACTER SET utf8mb4"]
        wait_until(
            lambda: subprocess.run(create, capture_output=True, timeout=START_LIMIT).returncode == 0, database, log
        )
        yield database, database_socket


def _answers(url: str) -> bool:
    try:
        return requests.get(f"{url}/wp-json/", timeout=START_LIMIT).ok
    except requests.ConnectionError:
        return False
