"""The blog that the public would read on a stand-in WordPress site."""

from html import escape, unescape

from sandbox.pages import page
from sandbox.wordpress_site import Article, Site, address_of, file_address


def blog_page(site: Site, link: str) -> str:
    """Every published post in full, newest first; `link` is the site's address."""
    posts = "".join(_article(site, article, link) for article in site.published())
    return page(f"Trang {site.name}", posts or "<p>Chưa có bài viết nào.</p>")


def article_page(site: Site, article: Article, link: str) -> str:
    """One post at its permalink."""
    back = f'<p><a href="{escape(link)}/">Trang {escape(site.name)}</a></p>'
    return page(unescape(article.title), back + _content(site, article, link))


def missing_page(link: str) -> str:
    """What stands where no post is."""
    return page("Không tìm thấy trang", f'<p><a href="{escape(link)}/">Về trang đầu</a></p>')


def _article(site: Site, article: Article, link: str) -> str:
    heading = f'<h2><a href="{escape(address_of(article, link))}">{article.title}</a></h2>'
    return f"<article>{heading}{_content(site, article, link)}</article>"


def _content(site: Site, article: Article, link: str) -> str:
    image = site.files.get(article.featured_media)
    shown = f'<img src="{escape(file_address(image, link))}" alt="{escape(image.alt)}">' if image else ""
    names = [site.terms[id].name for id in article.tags if id in site.terms]
    tags = f'<p class="meta">Thẻ: {escape(", ".join(names))}</p>' if names else ""
    return f"{shown}{article.content}{tags}"
