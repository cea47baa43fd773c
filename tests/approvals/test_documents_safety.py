"""A document loads nothing from anywhere, draws every name, and is the same each time."""

import re
import subprocess
import threading
import zlib
from http.server import BaseHTTPRequestHandler, HTTPServer
from itertools import cycle

import pytest

from approvals.documents import render
from approvals.documents.render import draw_slice, render_batch, render_one
from common import pdf
from common.pdf import DocumentTooLong, DrawingFailed, render_pdf, render_pdf_apart
from tests.approvals.forms import FORMS, RARE_NAME, decision_form, notice_form, refusal_notice, visit_form
from tests.approvals.forms_decided import EVERY_FORM

CANARY = "CANARY-7f3a"


@pytest.fixture
def listener():
    """A web server on loopback that notes every request."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(CANARY.encode())

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def secret_file(tmp_path):
    path = tmp_path / "secret.txt"
    path.write_text(CANARY)
    return path.as_uri()


TAGS = [
    '<link rel="stylesheet" href="{url}">',
    '<link rel="attachment" href="{url}">',
    '<a rel="attachment" href="{url}">x</a>',
    '<link rel="icon" href="{url}">',
    '<base href="{url}/"><img src="x.png">',
    '<img src="{url}">',
    '<img srcset="{url} 2x">',
    '<object data="{url}"></object>',
    '<embed src="{url}">',
    '<iframe src="{url}"></iframe>',
    '<video src="{url}" poster="{url}"></video>',
    '<input type="image" src="{url}">',
    '<svg xmlns:xlink="http://www.w3.org/1999/xlink"><image href="{url}" xlink:href="{url}"/></svg>',
    '<svg><use href="{url}#a"/></svg>',
    '<svg><style>@import url("{url}");</style><rect fill="url({url}#p)"/></svg>',
    '<svg><text><tref href="{url}"/></text><feImage href="{url}"/></svg>',
    '<style>@import "{url}";</style>',
    "<style>@font-face {{ font-family: f; src: url({url}) }} p {{ font-family: f }}</style><p>x</p>",
    '<style>@namespace url({url}); @color-profile device-cmyk {{ src: url("{url}") }}</style>',
    '<p style="background: url({url})">x</p>',
    '<p style="background-image: image-set(url({url}) 1x)">x</p>',
    '<p style="content: url({url})">x</p>',
    '<style>p::before {{ content: url("{url}") }}</style><p>x</p>',
    '<ul style="list-style-image: url({url})"><li>x</li></ul>',
    '<p style="border-image-source: url({url}); mask: url({url}); cursor: url({url})">x</p>',
    '<p style="border: 1px solid; border-image: url({url}) 1">x</p>',
    "<style>@page {{ background: url({url}); @top-left {{ content: url({url}) }} }}</style>",
]


def bare(content: bytes) -> bytes:
    """The PDF with its streams unpacked."""
    parts = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", content, re.DOTALL)
    unpacked = []
    for part in parts:
        try:
            unpacked.append(zlib.decompress(part))
        except zlib.error:
            unpacked.append(part)
    return content + b"".join(unpacked)


@pytest.mark.parametrize("tag", TAGS)
def test_nothing_is_fetched(tag, listener, secret_file):
    from weasyprint.urls import URLFetchingError

    address, asked = listener
    for url in (f"{address}/{CANARY}", secret_file, f"file:{secret_file[7:]}", "data:text/plain," + CANARY):
        try:
            content = render_pdf(f"<html><body>{tag.format(url=url)}</body></html>")
        except URLFetchingError:
            # A colour profile that cannot be had stops the drawing altogether: nothing was fetched either.
            content = b""
        assert asked == []
        assert b"EmbeddedFile" not in content
        if not url.startswith(("http", "data")):
            assert CANARY.encode() not in bare(content).replace(secret_file.encode(), b"")


TAGS_A_FIELD = 2


def filled(value, tags, key: str = ""):
    """The data of a form with the next tags in each of its texts."""
    if isinstance(value, dict):
        return {name: filled(part, tags, name) for name, part in value.items()}
    if isinstance(value, list):
        return [filled(part, tags, key) for part in value]
    if isinstance(value, str) and key != "kind":
        return value + "".join(next(tags) for _ in range(TAGS_A_FIELD))
    return value


@pytest.mark.clause("LC-4.5")
@pytest.mark.parametrize("kind", sorted(EVERY_FORM))
def test_no_paper_asks_for_anything_whatever_is_written_in_its_fields(kind, listener, secret_file):
    address, asked = listener
    hostile = [tag.format(url=url) for tag in TAGS for url in (f"{address}/{CANARY}", secret_file)]
    given = filled(EVERY_FORM[kind](1) | {"check_url": address}, cycle(hostile))
    content = render_one(given)
    assert asked == []
    assert b"EmbeddedFile" not in content
    assert b"/URI" not in bare(content)
    # The tags are there to be read: had they been taken for tags, nothing would stand on the paper.
    assert re.sub(r"\s+", "", hostile[0]) in text_of(content)


def test_the_listener_would_notice(listener):
    """Without the closed fetcher the same page does ask: the test above can fail."""
    import weasyprint

    address, asked = listener
    weasyprint.HTML(string=f'<img src="{address}/x.png">').write_pdf()
    assert asked == ["/x.png"]


def text_of(content: bytes) -> str:
    found = subprocess.run(["pdftotext", "-", "-"], input=content, capture_output=True, check=True)
    return re.sub(r"\s+", "", found.stdout.decode())


@pytest.mark.parametrize("make", FORMS.values(), ids=FORMS.keys())
def test_the_same_data_gives_the_same_bytes(make):
    assert render_one(make(1)) == render_one(make(1))


def test_a_process_of_its_own_draws_the_same():
    assert render_batch([notice_form(1)]) == render_one(notice_form(1))


def test_rare_characters_are_drawn_and_not_boxes():
    """Each glyph comes from an embedded font that has it; the text can be copied out again."""
    names = RARE_NAME + "䶮㛃喆翀玥珺頔昇堃燊彧赟旻玚玙瑄頫㸆𫖯𬀩𬴊𬍛𪟝𨱍𫟼·"
    content = render_one(refusal_notice(1) | {"applicant_name": names})
    assert names in text_of(content)
    listed = subprocess.run(["pdffonts", "-"], input=content, capture_output=True, check=True).stdout.decode()
    assert "FandolFang" in listed
    assert all(line.split()[-5] == "yes" for line in listed.splitlines()[2:])


def test_each_form_of_a_batch_begins_a_page_and_counts_from_one():
    long = visit_form(2) | {"conclusion": "很长的结论。" * 150}
    content = render_batch([decision_form(1), long, notice_form(3)])
    shown = subprocess.run(["pdftotext", "-layout", "-", "-"], input=content, capture_output=True, check=True)
    pages = [re.sub(r"\s+", "", page) for page in shown.stdout.decode().split("\f")[:-1]]
    assert [re.search(r"—(\d)—", page)[1] for page in pages] == ["1", "1", "2", "1"]
    assert ["审批表" in pages[0], "入户调查表" in pages[1], "公示表" in pages[3]] == [True] * 3


def test_papers_made_for_the_first_time_are_laid_out_once_for_both_uses():
    long = visit_form(2) | {"conclusion": "很长的结论。" * 150}
    whole, singles = draw_slice([decision_form(1), long, notice_form(3), refusal_notice(4)], [1, 3])
    assert whole == render_batch([decision_form(1), long, notice_form(3), refusal_notice(4)])
    visit, refusal = (text_of(content) for content in singles)
    assert ["社救调〔2026〕2号" in visit, "—2—" in visit, visit.count("很长的结论") == 150] == [True] * 3
    assert ["社救不予〔2026〕4号" in refusal, "—1—" in refusal, "—2—" in refusal] == [True, True, False]
    assert "审批表" not in visit + refusal
    # Cut off, not hidden: of 5 pages each file has its own only.
    assert [len(re.findall(rb"/Type /Page\b", bare(content))) for content in singles] == [2, 1]


def test_a_paper_without_its_heading_is_not_cut(monkeypatch):
    monkeypatch.setattr(render, "forms_html", lambda data: "<p>x</p>")
    with pytest.raises(DrawingFailed):
        draw_slice([notice_form(1)], [0])


# A signature block keeps together, so what is signed by many, or long by nature, goes on to a second page.
TWO_PAGES = {"联办申请表", "供养服务协议"}


def test_a_form_keeps_to_one_page():
    for name, make in FORMS.items():
        content = render_one(make(1))
        found = subprocess.run(
            ["pdfinfo", "-"], input=content, capture_output=True, check=True
        ).stdout.decode()
        assert re.search(rf"Pages:\s+{2 if name in TWO_PAGES else 1}\b", found), make
        assert "595.276 x 841.89 pts (A4)" in found


def test_a_document_has_bounds(monkeypatch):
    with pytest.raises(DocumentTooLong):
        render_pdf("字" * (pdf.MAX_CHARACTERS + 1))
    monkeypatch.setattr(pdf, "MAX_SECONDS", 0.05)
    with pytest.raises(DrawingFailed, match="longer than"):
        render_pdf_apart("<p>x</p>")


def test_a_fallen_process_is_told_without_its_text(monkeypatch):
    monkeypatch.setattr(pdf.sys, "executable", "/bin/false")
    with pytest.raises(DrawingFailed) as fallen:
        render_pdf_apart("<p>林秀英</p>")
    assert "林秀英" not in str(fallen.value)
