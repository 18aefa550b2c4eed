"""The receipt's page: one file, harmless whatever the receipt says, and honest at first sight."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from typing import Any, get_args

from hypothesis import given
from hypothesis import strategies as st

from deputy.agent.evidence import render
from deputy.core.events import session_bodies as b
from tests.agent.evidence import sample
from tests.agent.evidence.test_receipt import receipt_of
from tests.requirement import requirement

ELEMENTS = {
    "html", "head", "meta", "title", "style", "body", "main", "header", "footer", "b", "span",
    "div", "h1", "h2", "p", "blockquote", "ul", "li", "small", "section", "details", "summary",
    "table", "tr", "th", "td", "code", "pre",
}  # fmt: skip
ATTRIBUTES = {"class", "lang", "charset", "name", "content", "http-equiv"}
HOSTILE = st.one_of(
    st.text(min_size=1, max_size=30),
    st.sampled_from(
        [
            "<script>alert(1)</script>",
            '"><img src=x onerror=alert(1)>',
            "' onmouseover='alert(1)",
            "</style><script>1</script>",
            "</title><svg/onload=1>",
            "]]><!--",
            "javascript:alert(1)",
            "&lt;b&gt;",
            "https://evil.example/x.png",
        ]
    ),
)


class Page(HTMLParser):
    """What a browser would make of a page: its elements, attributes and words."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[str] = []
        self.attributes: list[str] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.attributes += [name for name, _ in attrs]

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError("the page holds a comment")


def read(page: str) -> Page:
    parsed = Page()
    parsed.feed(page)
    parsed.close()
    return parsed


def poisoned(value: Any, words: str) -> Any:
    """Put words into every text of a receipt."""
    if isinstance(value, str):
        return value + words
    if isinstance(value, list):
        return [poisoned(item, words) for item in value]
    if isinstance(value, dict):
        return {key: poisoned(item, words) for key, item in value.items()}
    return value


def whole() -> dict[str, Any]:
    return receipt_of(*sample.opening(), *sample.work(), sample.finished())


@given(words=HOSTILE)
def test_no_word_of_a_receipt_becomes_markup(words: str) -> None:
    page = read(render(poisoned(whole(), words)))
    assert set(page.elements) <= ELEMENTS
    assert set(page.attributes) <= ATTRIBUTES
    assert page.elements.count("style") == 1
    assert page.elements == read(render(poisoned(whole(), "x"))).elements


@requirement("R301")
def test_the_page_refers_to_nothing_outside_itself() -> None:
    page = render(whole())
    for word in ("http:", "https:", "url(", "@import", "src=", "href=", "<script", "<link"):
        assert word not in page, word
    assert "default-src 'none'" in page


def test_the_first_screen_says_how_it_stands() -> None:
    good = render(whole())
    assert (
        '<div class="badge verified">VERIFIED</div><h1>2 files, 3 of 3 checks passed</h1>' in good
    )
    failed = sample.passed(sample.CRITERIA[0]).model_copy(
        update={"verdict": "fail", "detail": "It does not open."}
    )
    work = sample.work([failed], verified=False)
    bad = render(receipt_of(*sample.opening(), *work, sample.finished("not_verified")))
    assert '<div class="badge not_verified">NOT VERIFIED</div>' in bad
    warned = bad.partition('<div class="warn">')[2].partition("</div>")[0]
    for words in (
        "Checked and failed: The workbook opens.",
        "Not checked: The PDF has one page.",
        "Nothing at all was checked about summary.pdf.",
    ):
        assert words in warned
    assert bad.index("NOT VERIFIED") < bad.index("report.xlsx")


def test_a_receipt_read_back_from_its_stored_bytes_gives_the_same_page() -> None:
    receipt = whole()
    assert render(json.loads(json.dumps(receipt))) == render(receipt)


def test_every_ending_has_a_page() -> None:
    for outcome in get_args(b.Outcome):
        page = render(receipt_of(*sample.opening(), sample.finished(outcome)))
        assert "badge" in page
        assert ('class="banner"' in page) is (outcome == "not_verified")
