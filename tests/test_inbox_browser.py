"""The pages in a real browser, as an officer of an agency uses them on a phone."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, ViewportSize, expect, sync_playwright

from publisher.web.app import create_app
from publisher.web.serve import Pages, serve
from tests import desks, kinds
from tests.desks import TOKEN, Desk
from tests.test_inbox import io

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--host-resolver-rules=MAP *.test 127.0.0.1"]
PHONE: ViewportSize = {"width": 390, "height": 844}
PICTURE = kinds.png()
TEXT = '<p>Một đoạn <strong>đậm</strong>.</p><ul><li>ý một</li></ul><p><a href="https://a.example/x">Xem</a></p>'
PLAIN = "Một đoạn đậm.\n\n- ý một\n\nXem (https://a.example/x)"

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, without a window."""
    if not CHROMIUM.exists():
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(f"{CHROMIUM} is not there")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield running
        running.close()


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A desk with one link, to an inbox of two posts."""
    entries = desks.filled(
        tmp_path,
        io(tmp_path, media=(PICTURE,)),
        {"title": "Bài cũ hơn"},
        {
            "title": "Bài có ảnh & thẻ",
            "text": TEXT,
            "image": kinds.image(PICTURE, name="lớp học.png"),
            "link": "https://nguon.example.vn/bai",
            "tags": ("Sóng", "máy tính"),
        },
    )
    return Desk({TOKEN: desks.view(*entries)})


@pytest.fixture
def pages(desk: Desk) -> Iterator[Pages]:
    """The pages, served."""
    with serve(create_app(desk)) as running:
        yield running


@pytest.fixture
def context(browser: Browser, pages: Pages) -> Iterator[BrowserContext]:
    """A phone that may use its clipboard."""
    phone = browser.new_context(viewport=PHONE, has_touch=True, locale="vi-VN")
    phone.grant_permissions(["clipboard-read", "clipboard-write"], origin=pages.url)
    yield phone
    phone.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A page that may complain of nothing: a blocked script or style would be said on its console."""
    complaints: list[str] = []
    opened = context.new_page()
    opened.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    yield opened
    assert complaints == []


def clipboard(page: Page, mime: str = "text/plain") -> str:
    read = "async mime => (await (await navigator.clipboard.read())[0].getType(mime)).text()"
    return str(page.evaluate(read, mime))


def test_a_post_is_read_on_a_phone(page: Page, pages: Pages) -> None:
    page.goto(f"{pages.url}/i/{TOKEN}/")
    expect(page.get_by_role("heading", level=1)).to_have_text(desks.AGENCY)
    expect(page.get_by_role("heading", level=2)).to_have_text(["Bài có ảnh & thẻ", "Bài cũ hơn"])
    expect(page.get_by_text("Một đoạn đậm.", exact=True)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert page.get_by_role("img", name="Lớp học mới").first.evaluate("image => image.naturalWidth") == 1
    for button in page.get_by_role("button").all():
        box = button.bounding_box()
        assert box is not None
        assert box["height"] >= 44  # large enough for a thumb


def test_copying_gives_markup_to_editors_and_plain_text_to_others(page: Page, pages: Pages) -> None:
    page.goto(f"{pages.url}/i/{TOKEN}/")
    article = page.get_by_role("article").first
    article.get_by_role("button", name="Chép tiêu đề").click()
    expect(article.get_by_role("status")).to_have_text("Đã chép tiêu đề.")
    assert clipboard(page) == "Bài có ảnh & thẻ"
    article.get_by_role("button", name="Chép nội dung").click()
    expect(article.get_by_role("status")).to_have_text("Đã chép nội dung.")
    assert clipboard(page) == PLAIN
    assert "đậm</strong>" in clipboard(page, "text/html")
    article.get_by_role("button", name="Chép tất cả").click()
    expect(article.get_by_role("status")).to_have_text("Đã chép tất cả.")
    whole = f"Bài có ảnh & thẻ\n\n{PLAIN}\n\nNguồn: https://nguon.example.vn/bai\n\n#Sóng #máytính"
    assert clipboard(page) == whole
    assert "Bài có ảnh &amp; thẻ" in clipboard(page, "text/html")


def test_without_a_secure_connection_copying_still_works(context: BrowserContext, page: Page, pages: Pages) -> None:
    page.goto(f"http://truyen-thong.test:{pages.port}/i/{TOKEN}/")
    assert page.evaluate("navigator.clipboard === undefined")
    article = page.get_by_role("article").first
    article.get_by_role("button", name="Chép nội dung").click()
    expect(article.get_by_role("status")).to_have_text("Đã chép nội dung.")
    secure = context.new_page()
    secure.goto(f"{pages.url}/i/{TOKEN}/")
    assert "Một đoạn đậm." in clipboard(secure)


def test_without_scripts_the_text_waits_to_be_selected(browser: Browser, pages: Pages) -> None:
    plain = browser.new_context(viewport=PHONE, java_script_enabled=False, locale="vi-VN")
    page = plain.new_page()
    page.goto(f"{pages.url}/i/{TOKEN}/")
    article = page.get_by_role("article").first
    expect(article.get_by_role("button", name="Chép tất cả")).to_be_hidden()
    article.get_by_text("Bản chữ thường để dán").click()
    expect(article.get_by_role("textbox")).to_be_visible()
    assert PLAIN in article.get_by_role("textbox").input_value()
    plain.close()


def test_the_image_is_saved_under_its_own_name(page: Page, pages: Pages, tmp_path: Path) -> None:
    page.goto(f"{pages.url}/i/{TOKEN}/")
    with page.expect_download() as saved:
        page.get_by_role("link", name="Tải ảnh về").click()
    saved.value.save_as(tmp_path / "saved")
    assert (tmp_path / "saved").read_bytes() == PICTURE
    assert saved.value.suggested_filename == "lớp học.png"


def test_a_wrong_and_a_revoked_link_say_whom_to_ask(context: BrowserContext, desk: Desk, pages: Pages) -> None:
    page = context.new_page()
    for token in ("khong-dung", TOKEN):
        desk.views.clear()
        answer = page.goto(f"{pages.url}/i/{token}/")
        assert answer is not None
        assert answer.status == 404
        expect(page.get_by_role("heading")).to_have_text("Liên kết không còn hiệu lực")
        expect(page.get_by_text(desks.CONTACT)).to_be_visible()


def test_following_a_link_never_tells_where_from(context: BrowserContext, page: Page, pages: Pages) -> None:
    sent: list[dict[str, str]] = []

    def note(route: Route) -> None:
        sent.append(route.request.headers)
        route.abort()

    context.route("https://a.example/**", note)
    page.goto(f"{pages.url}/i/{TOKEN}/")
    page.get_by_role("link", name="Xem", exact=True).evaluate("link => window.setTimeout(() => link.click())")
    page.wait_for_event("requestfailed")
    assert len(sent) == 1
    assert "referer" not in sent[0]


def test_the_overview_fits_a_phone(page: Page, desk: Desk, pages: Pages) -> None:
    desk.shown = desks.BUSY
    page.goto(f"{pages.url}/")
    expect(page.get_by_role("heading", level=1)).to_have_text(desks.BUSY.workspace)
    expect(page.get_by_role("heading", name="Cần người xử lý")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
