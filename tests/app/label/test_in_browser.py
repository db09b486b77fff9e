"""The labeller in a real browser: by mouse, by keys alone, after a crash, by two at once."""

from __future__ import annotations

import json
import shutil
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from contextlib import contextmanager

import pytest

pytestmark = pytest.mark.system

READY = "body[data-ready=yes]"

# where the figure of the tracks lies on the screen, in its own frame
FRAME = """() => {
  const plot = Bokeh.documents[0].get_model_by_name('tracks');
  const view = Bokeh.index.find_one(plot);
  const box = view.canvas_view.el.getBoundingClientRect();
  const frame = view.frame.bbox;
  return {x: box.x + frame.x, y: box.y + frame.y, w: frame.width, h: frame.height,
          rows: -view.frame.y_range.start};
}"""


@contextmanager
def browser():
    from playwright.sync_api import sync_playwright

    path = shutil.which("chromium") or shutil.which("chromium-browser")
    assert path, "no Chromium found: install the package chromium"
    with sync_playwright() as driver:
        found = driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
        try:
            yield found
        finally:
            found.close()


@contextmanager
def page_of(url, width=1400, height=900):
    """Open the page; at the end nothing may have gone wrong in it nor left this computer."""
    with browser() as opened:
        page = opened.new_page(viewport={"width": width, "height": height})
        wrong, asked = [], []
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda m: wrong.append(m.text) if m.type == "error" else None)
        page.on("request", lambda request: asked.append(request.url))
        page.goto(url)
        page.wait_for_selector(READY)
        yield page
        own = url.split("?")[0]
        assert wrong == []
        assert [each for each in asked if not each.startswith((own, "data:", "blob:"))] == []


def told(page):
    """Return what the page was told last."""
    return page.evaluate(
        "() => JSON.parse(Bokeh.documents[0].get_model_by_name('state').data.json[0])"
    )


def until(page, **wanted):
    """Wait until the page was told this."""
    page.wait_for_function(
        """wanted => {
          const told = JSON.parse(
            Bokeh.documents[0].get_model_by_name('state').data.json[0]);
          return Object.entries(wanted).every(([name, value]) => told[name] === value);
        }""",
        arg=wanted,
    )


def at(page, seconds, row):
    """Return the place on the screen of a moment in a row of the tracks."""
    frame, (start, end) = page.evaluate(FRAME), told(page)["window"]
    x = frame["x"] + (seconds - start) / (end - start) * frame["w"]
    return x, frame["y"] + (row + 0.5) / frame["rows"] * frame["h"]


def drag(page, begin, end):
    page.mouse.move(*begin)
    page.mouse.down()
    for part in (0.3, 0.6, 1.0):
        page.mouse.move(*(b + part * (e - b) for b, e in zip(begin, end, strict=True)))
    page.mouse.up()


def lines(night, name="anna"):
    """Return what was done, from the log of an annotator."""
    text = (night / "labels" / f"{name}.jsonl").read_text("utf-8")
    return [json.loads(line) for line in text.splitlines()[1:]]


def only_label(line):
    (label,) = line["labels"].values()
    return label


def test_mark_mend_undo_and_reload_with_the_mouse(made, tmp_path):
    night = made.folder(tmp_path / "night")
    with made.labeller(night, "--annotator", "anna") as (_, url), page_of(url) as page:
        drag(page, at(page, 150.0, 0), at(page, 200.0, 0))
        until(page, labels=1)
        assert only_label(lines(night)[-1])["channel"] == "EMG L GM"
        page.keyboard.press("u")
        until(page, labels=0)
        drag(page, at(page, 300.0, 1), at(page, 420.0, 1))
        until(page, labels=1)
        label = only_label(lines(night)[-1])
        assert label["channel"] == "EMG R TA"
        assert label["side"] == "right"
        assert label["trial_type"] == "cramp"
        assert label["onset"] == pytest.approx(300.0, abs=3.0)
        assert label["onset"] + label["duration"] == pytest.approx(420.0, abs=3.0)
        # the edge of the selected label is mended by dragging it
        drag(page, at(page, label["onset"] + label["duration"], 1), at(page, 480.0, 1))
        until(page, undo="mend")
        mended = only_label(lines(night)[-1])
        assert mended["onset"] == pytest.approx(label["onset"], abs=1e-3)
        assert mended["onset"] + mended["duration"] == pytest.approx(480.0, abs=4.0)
        page.click("button[data-kind=artifact]")
        until(page, undo="type")
        page.keyboard.press("u")
        until(page, undo="mend")
        page.keyboard.press("Control+z")
        until(page, undo="mark", redo="mend")
        page.keyboard.press("U")
        until(page, undo="mend")
        assert told(page)["saved"].startswith("saved ")
        page.reload()
        page.wait_for_selector(READY)
        assert told(page)["labels"] == 1
        assert told(page)["undo"] == "mend"
    out = tmp_path / "out.tsv"
    run(night, "--annotator", "anna", "--export", out)
    row = out.read_text("utf-8").splitlines()[1].split("\t")
    assert float(row[0]) == pytest.approx(mended["onset"])
    assert float(row[1]) == pytest.approx(mended["duration"])
    assert [line["by"] for line in lines(night)] == ["anna"] * 8
    assert all(line["at"].endswith("+00:00") for line in lines(night))


def test_a_hundred_proposals_take_a_keyboard_only(made, tmp_path):
    night = made.folder(tmp_path / "night")
    events = made.proposals(tmp_path / "found.tsv", 100)
    options = ("--annotator", "anna", "--proposals", tmp_path / "found.tsv")
    with made.labeller(night, *options) as (_, url), page_of(url) as page:
        assert told(page)["left"] == 100
        press = page.keyboard.press
        press("n")
        for number in range(100):
            until(page, left=100 - number)
            # every tenth with another type, every seventh with another edge, some refused
            if number % 10 == 3:
                press("3")
                until(page, left=99 - number)
                press("n")
            elif number % 7 == 5:
                press("]")
                until(page, left=99 - number)
                press("n")
            elif number % 3:
                press("a")
            else:
                press("r")
        until(page, left=0)
        made_marks = told(page)["labels"]
        # and a label of one's own: cursor, begin, cursor, end, type, note
        for key in ("z", "m", ">", ">", "m", "2", "Enter"):
            press(key)
        page.wait_for_selector("dialog[open] input")
        page.keyboard.type("after the cramp")
        press("Enter")
        until(page, undo="note", labels=made_marks + 1)
    assert made_marks == sum(1 for n in range(100) if n % 10 == 3 or n % 7 == 5 or n % 3)
    done = [line for line in lines(night) if line.get("verdicts")]
    order = sorted(events, key=lambda event: (abs(event.probability - 0.5), event.onset))
    assert len(done) == 100
    judged = [only_label(line)["onset"] for line in done if line.get("labels")]
    wanted = [e.onset for n, e in enumerate(order) if n % 10 == 3 or n % 7 == 5 or n % 3]
    assert judged == pytest.approx(wanted)
    assert only_label(lines(night)[-1])["note"] == "after the cramp"


def test_nothing_is_lost_when_the_program_is_killed(made, tmp_path):
    night = made.folder(tmp_path / "night")
    with made.labeller(night, "--annotator", "anna") as (process, url), browser() as opened:
        page = opened.new_page()
        page.goto(url)
        page.wait_for_selector(READY)
        for count in range(1, 4):
            page.keyboard.press("m")
            page.keyboard.press(">")
            page.keyboard.press("m")
            until(page, labels=count)
        process.send_signal(signal.SIGKILL)
        page.wait_for_selector("#saved.failed")
        assert page.text_content("#saved") == "NOT SAVED"
    log = night / "labels" / "anna.jsonl"
    log.write_bytes(log.read_bytes() + b'{"op": "edit", "at": "20')
    with made.labeller(night, "--annotator", "anna") as (_, url), page_of(url) as page:
        assert told(page)["labels"] == 3
        assert "cannot be read" in page.text_content("#notes")
        page.keyboard.press("u")
        until(page, labels=2)


def test_two_annotators_at_once_see_each_other_and_agree(made, tmp_path):
    night = made.folder(tmp_path / "night")
    with (
        made.labeller(night, "--annotator", "anna") as (_, first),
        made.labeller(night, "--annotator", "bert") as (_, second),
        browser() as opened,
    ):
        pages = [opened.new_page() for _ in range(2)]
        for page, url in zip(pages, (first, second), strict=True):
            page.goto(url)
            page.wait_for_selector(READY)
            drag(page, at(page, 600.0, 0), at(page, 700.0, 0))
            until(page, labels=1)
        pages[0].wait_for_function(
            """() => {
              const cells = document.querySelectorAll('#agreement tbody tr:first-child td');
              return cells.length > 4 && cells[4].textContent === '1';
            }"""
        )
        cells = pages[0].locator("#agreement tbody tr").first.locator("td").all_text_contents()
        assert cells[:5] == ["bert", "cramp-like", "1", "1", "1"]
        assert float(cells[5]) == 1.0
        assert float(cells[6]) > 0.9
        refused = run(night, "--annotator", "anna", "--no-browser", fails=True)
        assert "anna is labelling this night already" in refused


def test_a_port_in_use_is_said_in_one_line(made, tmp_path):
    night = made.folder(tmp_path / "night", minutes=1)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        said = run(night, "--port", port, "--no-browser", fails=True)
    assert f"port {port} is in use" in said


def test_no_other_page_gets_in(made, tmp_path):
    night = made.folder(tmp_path / "night", minutes=1)
    with made.labeller(night) as (_, url):
        bare, _, secret = url.partition("?")
        for address, headers in (
            (bare, {}),
            (f"{bare}?bokeh-session-id=guess", {}),
            (url, {"Host": "evil.example"}),
            (f"{bare}ws?{secret}", {"Origin": "http://evil.example"}),
        ):
            with pytest.raises(urllib.error.HTTPError) as refused:
                urllib.request.urlopen(urllib.request.Request(address, headers=headers))
            with refused.value as answer:
                assert answer.code in (400, 403)
        with urllib.request.urlopen(url) as answer:
            assert answer.status == 200


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_narrow_screen_shows_it_without_scrolling_sideways(made, tmp_path, scheme):
    night = made.folder(tmp_path / "night", minutes=2)
    made.proposals(tmp_path / "found.tsv", 3, minutes=2)
    options = ("--proposals", tmp_path / "found.tsv")
    with made.labeller(night, *options) as (_, url), page_of(url, 390, 800) as page:
        page.emulate_media(color_scheme=scheme)
        page.keyboard.press("n")
        until(page, seen=1)
        over = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert over <= 0


def run(night, *options, fails=False):
    command = [sys.executable, "-m", "crampwatch", "label", night, *options]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
    assert (done.returncode == 1) == fails, done.stdout + done.stderr
    if fails:
        said = [line for line in done.stderr.splitlines() if line.startswith("crampwatch:")]
        assert len(said) == 1
        assert "Traceback" not in done.stderr
    return done.stdout + done.stderr
