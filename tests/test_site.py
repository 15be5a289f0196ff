"""The documentation as a site: it builds, every link in it leads somewhere, and the reference forgets nothing."""

import os
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pytest

from channels.registry import KINDS
from content.front_matter import FrontMatter, Image
from content.validation import keys_of
from docs import build, reference
from docs.site import LANGUAGES
from publisher.cli import VERBS, main
from publisher.delivery import State
from publisher.schedules import sections
from publisher.schedules.sections import TOP_KEYS, Section
from tests.documents import DOCUMENTS, ROOT

each_language = pytest.mark.parametrize("language", LANGUAGES)


class Anatomy(HTMLParser):
    """What a page loads and links to, and which places in it have names."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.names: set[str] = set()
        self.tags: set[str] = set()
        self.feed(page.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attributes:
            if name == "id":
                self.names.add(value or "")
            elif tag == "a" and name == "href":
                self.links.append(value or "")
            elif name in ("src", "href"):
                self.loads.append(value or "")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built."""
    folder = tmp_path_factory.mktemp("docs") / "site"
    build.build(folder)
    return folder


def test_every_link_of_every_page_leads_somewhere(site: Path) -> None:
    pages = {path.name: Anatomy(path) for path in site.glob("*.html")}
    assert len(pages) > 35
    for name, page in pages.items():
        for link in page.links:
            if re.match(r"[a-z]+:", link):
                continue
            path, _, anchor = unquote(link).partition("#")
            assert (site / (path or name)).is_file(), f"{name}: {link}"
            if anchor:
                assert anchor in pages[path or name].names, f"{name}: {link}"


def test_nothing_is_loaded_from_elsewhere_and_nothing_runs(site: Path) -> None:
    for path in site.glob("*.html"):
        page = Anatomy(path)
        assert "script" not in page.tags
        assert all((site / load).is_file() for load in page.loads), path.name


def test_every_document_is_a_page(site: Path) -> None:
    front = {
        link for path in ("index.html", "contents.html", "contents.vi.html") for link in Anatomy(site / path).links
    }
    for document in DOCUMENTS:
        if document.name != "README.md":
            assert f"{document.stem.lower()}.html" in front, f"{document.name} has no place in docs/site.py"


def test_pages_follow_one_another_in_their_language(site: Path) -> None:
    here, seen = "officers.vi.html", []
    while here.endswith(".vi.html"):
        seen.append(here)
        (here,) = re.findall(r'rel="next" href="([^"]+)"', (site / here).read_text(encoding="utf-8"))
    assert seen[:3] == ["officers.vi.html", "message.vi.html", "editing.vi.html"]
    assert {"agencies.vi.html", "stations.vi.html", "managers.vi.html", "server.vi.html"} <= set(seen)
    assert 'href="mending.html" lang="en"' in (site / "mending.vi.html").read_text(encoding="utf-8")


def test_links_to_other_sites_are_listed_with_their_places(site: Path) -> None:
    assert re.search(r"^https://github\.com/caronc/apprise/wiki  \(docs/admin\.vi\.md:\d+, docs/admin\.md:\d+\)$",
                     (site / "external-links.txt").read_text(encoding="utf-8"), re.MULTILINE)  # fmt: skip


def test_a_broken_link_fails_the_build_with_its_line(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "docs", tmp_path / "docs", ignore=shutil.ignore_patterns("__pycache__"))
    for path in (
        *ROOT.glob("*.md"),
        ROOT / "pyproject.toml",
        ROOT / "channels/base.py",
        ROOT / "publisher/sheets/style.css",
    ):
        copy = tmp_path / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, copy)

    def built() -> subprocess.CompletedProcess[str]:
        words = (sys.executable, "-m", "docs.build", "site")
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        return subprocess.run(words, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60)

    assert built().returncode == 0
    page = tmp_path / "docs/approving.md"
    lines = len(page.read_text(encoding="utf-8").splitlines())
    with page.open("a", encoding="utf-8") as file:
        file.write("\nTwo lines, and then\n[one](nowhere.md) and [two](officers.md#nothing).\n")
    shutil.rmtree(tmp_path / "site")
    done = built()
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        f"docs/approving.md:{lines + 3}: nowhere.md: there is no such page or file",
        f"docs/approving.md:{lines + 3}: officers.md#nothing: officers.md has no such heading",
    ]
    assert not (tmp_path / "site").exists()


def parts(page: str) -> list[set[str]]:
    """The keys of each section of a page of the reference."""
    return [
        set(re.findall(r"^### `(.+)`$", part, re.MULTILINE)) for part in re.split(r"^## ", page, flags=re.MULTILINE)
    ]


@each_language
def test_every_key_of_the_plan_is_in_the_reference(language: str) -> None:
    found = parts(reference.pages()["reference-plan", language])
    assert set(TOP_KEYS) in found
    beside = {"CampaignSection": {"schedules"}, "AlertsSection": {"to"}}
    models = [one for one in vars(sections).values() if isinstance(one, type) and issubclass(one, Section)]
    assert len(models) >= 9
    for model in models:
        if model is not Section:
            assert {*keys_of(model), *beside.get(model.__name__, ())} in found, model.__name__


@each_language
def test_every_key_of_a_message_is_in_the_reference(language: str) -> None:
    found = parts(reference.pages()["reference-message", language])
    assert set(keys_of(FrontMatter)) in found
    assert set(keys_of(Image)) in found


@each_language
def test_every_kind_and_its_settings_are_in_the_reference(language: str) -> None:
    page = reference.pages()["reference-kinds", language]
    assert re.findall(r"^## `(.+)`$", page, re.MULTILINE) == list(KINDS)
    assert parts(page)[1:] == [{"kind", *keys_of(kind)} - {"name"} for kind in KINDS.values()]


@each_language
def test_every_verb_and_its_arguments_are_in_the_reference(
    language: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    page = reference.pages()["reference-commands", language]
    found = dict(re.findall(r"^### `([a-z]+)`\n(.*?)(?=^### |\Z)", page, re.MULTILINE | re.DOTALL))
    assert list(found) == list(VERBS)
    for verb, text in found.items():
        with pytest.raises(SystemExit):
            main([verb, "--help"])
        told = capsys.readouterr().out
        options = set(re.findall(r"^  (--[a-z-]+)", told, re.MULTILINE)) - {"--workspace", "--lang"}
        acts = re.findall(r"^    ([a-z]+)  ", told, re.MULTILINE)
        assert options or acts or "FILTER" in told or verb in ("schema", "speak"), verb
        assert not [option for option in options if f"`{option}" not in text], verb
        assert not [act for act in acts if f"- `{act}`: " not in text], verb


@each_language
def test_every_state_is_in_the_reference(language: str) -> None:
    page = reference.pages()["reference-states", language]
    assert re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE) == [state.value for state in State]


@each_language
def test_every_key_has_a_hint_in_its_language(language: str) -> None:
    letters = re.compile(r"[ăâđêôơưáàảãạéèẻẽẹíìỉĩịóòỏõọúùủũụýỳỷỹỵ]")
    for name in ("plan", "message", "kinds"):
        found = re.findall(r"^### `(.+)`\n\n(.+)$", reference.pages()[f"reference-{name}", language], re.MULTILINE)
        assert found
        for key, hint in found:
            words = re.sub(r"`[^`]*`", "", hint.lower())
            assert key == "kind" or bool(letters.search(words)) is (language == "vi"), f"{name}: {key}: {hint}"
