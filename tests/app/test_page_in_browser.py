"""The report in a real browser, without a network."""

import json
import re
import shutil
import subprocess
from dataclasses import replace
from html import unescape

import pytest

from crampwatch.app.report import report_page
from crampwatch.recording.model import Event

pytestmark = pytest.mark.system

HOSTILE = "</script><script>hacked=1</script><img src=x onerror=hacked=1>$$\\frac{1}{2}$$"

# runs in the page once Bokeh has drawn, and tells the frame around it what it saw
PROBE = """<script>
const seen = {errors: [], refused: []};
addEventListener('error', event => seen.errors.push(String(event.message)));
addEventListener('unhandledrejection', event => seen.errors.push(String(event.reason)));
document.addEventListener('securitypolicyviolation',
  event => seen.refused.push(event.violatedDirective + ' ' + event.blockedURI));
const inside = root => [...root.querySelectorAll('*')].flatMap(
  element => [element, ...(element.shadowRoot ? inside(element.shadowRoot) : [])]);
const look = () => {
  const ready = window.Bokeh && Bokeh.documents.length && Bokeh.documents[0].is_idle;
  if (!ready) return setTimeout(look, 50);
  const drawn = inside(document).filter(element => element.tagName === 'CANVAS');
  seen.painted = drawn.filter(canvas => {
    if (!canvas.width || !canvas.height) return false;
    const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
    return data.some(value => value !== 0);
  }).length;
  seen.plots = Bokeh.documents[0].roots().length;
  seen.loaded = performance.getEntriesByType('resource').map(entry => entry.name)
    .filter(name => !name.startsWith('data:'));
  seen.hacked = typeof hacked !== 'undefined';
  seen.width = innerWidth;
  seen.overflow = document.documentElement.scrollWidth - innerWidth;
  parent.postMessage(JSON.stringify(seen), '*');
};
look();
</script></head>"""

# a window is never narrower than 500 pixels, a frame is
FRAME = """<!DOCTYPE html><body style="margin:0"><script>
addEventListener('message', event => {
  const note = document.createElement('pre');
  note.id = 'seen';
  note.textContent = event.data;
  document.body.append(note);
});
</script><iframe src="report.html" width="WIDTH" height="4000" style="border:0"></iframe>"""


def browser():
    for name in ("chromium", "chromium-browser", "google-chrome", "chrome"):
        if found := shutil.which(name):
            return found
    pytest.fail("no Chromium found: install the package chromium")


def opened(page, tmp_path, width):
    """Return what the probe saw in the page."""
    (tmp_path / "report.html").write_text(page.replace("</head>", PROBE, 1), "utf-8")
    file = tmp_path / "frame.html"
    file.write_text(FRAME.replace("WIDTH", str(width)), "utf-8")
    done = subprocess.run(
        [
            browser(),
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--host-resolver-rules=MAP * ~NOTFOUND",
            f"--user-data-dir={tmp_path / 'profile'}",
            "--window-size=1600,4200",
            "--virtual-time-budget=20000",
            "--enable-logging=stderr",
            "--dump-dom",
            file.as_uri(),
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    console = [line for line in done.stderr.splitlines() if ":CONSOLE" in line]
    found = re.search(r'<pre id="seen">(.*?)</pre>', done.stdout, re.DOTALL)
    assert found, console
    return json.loads(unescape(found.group(1))), console


@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_draws_every_figure_and_loads_nothing(made, tmp_path, width):
    page = report_page("night.edf", made.night(), made.score(), made.origin)
    seen, console = opened(page, tmp_path, width)
    assert seen["plots"] == 6
    assert seen["painted"] >= 6
    assert seen["errors"] == seen["refused"] == seen["loaded"] == []
    assert not [line for line in console if "rror" in line or "efused" in line]
    assert seen["width"] == width
    assert seen["overflow"] <= 0


def test_text_of_a_file_does_nothing_in_a_browser(made, tmp_path):
    score = made.score(
        [
            Event(100.0, 30.0, "cramp", "left", HOSTILE, 0.5, {"rule": HOSTILE}),
            Event(200.0, 30.0, HOSTILE, HOSTILE, HOSTILE),
        ],
        channels=(made.channel(HOSTILE, placement=HOSTILE, reason=HOSTILE),),
        overviews=(replace(made.overview(hours=0.1), label=HOSTILE),),
        warnings=(HOSTILE,),
        duration_s=360.0,
    )
    page = report_page(HOSTILE, made.night(notes=(HOSTILE,)), score, made.origin)
    seen, _ = opened(page, tmp_path, 800)
    assert seen["hacked"] is False
    assert seen["errors"] == seen["refused"] == seen["loaded"] == []


def test_the_page_could_not_load_anything_even_if_it_tried(made, tmp_path):
    page = report_page("night.edf", made.night(), made.score([]), made.origin)
    planted = '<img src="https://example.org/a.png"><script src="b.js"></script></footer>'
    seen, _ = opened(page.replace("</footer>", planted, 1), tmp_path, 800)
    assert {line.split(" ")[0] for line in seen["refused"]} == {"img-src", "script-src-elem"}
