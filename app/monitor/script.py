"""What the page of the monitor is made of around its figure.

Texts that come from files or sensors are only ever set as text: nothing in them becomes a tag.
"""

from __future__ import annotations

from html import escape

from ..report.style import CSS, THEME_JS
from ..report.words import DISCLAIMER
from .window import SPANS_S

_STYLE = """
main, header, footer { max-width: none; }
header { display: flex; flex-wrap: wrap; gap: .2rem 1.4rem; align-items: baseline;
  padding-top: .6rem; }
header h1 { font-size: 1.1rem; margin: 0; overflow-wrap: anywhere; }
#state { font-weight: 600; }
#state.worry { color: var(--alarm); background: var(--alarm-paper); padding: 0 .4rem; }
#elapsed { font-variant-numeric: tabular-nums; }
.banner { margin: .3rem 0; padding: .3rem .6rem; font-size: .875rem; }
.keys { display: flex; flex-wrap: wrap; gap: .35rem; margin: .4rem 0; }
button { font: inherit; font-size: .85rem; color: var(--ink); background: var(--card);
  border: 1px solid var(--line); border-radius: .4rem; padding: .25rem .6rem; cursor: pointer; }
button[aria-pressed="true"] { border-color: var(--ink); border-width: 2px; font-weight: 650; }
button:focus-visible { outline: 2px solid var(--ink); outline-offset: 1px; }
kbd { font: inherit; font-size: .8em; border: 1px solid var(--line); border-radius: .25rem;
  padding: 0 .3em; background: var(--paper); }
h2 { margin: 1.1rem 0 .3rem; font-size: 1.05rem; }
.key b.line { display: inline-block; width: 1.6em; height: 0; min-width: 0;
  vertical-align: middle; border-top: 1px solid #4a7fb5; }
.key b.strong { border-top: 3px solid #d55e00; }
#events td:first-child { min-width: 1.6em; font-size: 1.05rem; }
"""

_SCRIPT = """
(() => {
  const $ = id => document.getElementById(id);
  let keys, state, drawn, told = {}, updates = 0, acked = -1, lost = false;
  const text = (place, value) => {
    if (place.textContent !== value) place.textContent = value;
  };
  const table = (id, rows, labels) => {
    const body = $(id).tBodies[0], old = body.dataset.rows, now = JSON.stringify(rows);
    if (old === now) return;
    body.dataset.rows = now;
    body.replaceChildren(...rows.map(row => {
      const line = document.createElement('tr');
      line.append(...row.map((cell, place) => {
        const box = document.createElement('td');
        box.textContent = cell;
        if (labels[place]) box.dataset.label = labels[place];
        return box;
      }));
      return line;
    }));
  };
  const show = () => {
    if (lost) return;
    told = JSON.parse(state.data.json[0]);
    text($('title'), told.title);
    text($('state'), told.state);
    text($('elapsed'), told.elapsed);
    $('state').classList.toggle('worry', told.worry);
    const places = $('banners'), wanted = told.banners.join('\\n');
    if (places.dataset.told !== wanted) {
      places.dataset.told = wanted;
      places.replaceChildren(...told.banners.map(words => {
        const line = document.createElement('p');
        line.className = 'banner';
        line.textContent = words;
        return line;
      }));
    }
    table('sensors', told.sensors, ['sensor', 'link', 'quality', 'battery', 'lost samples']);
    table('events', told.events, ['', 'begins', 'what', 'lasts', 'where', 'state']);
    $('none').hidden = told.events.length > 0;
    $('events').hidden = !told.events.length;
    text($('provisional'), told.provisional);
    text($('hidden'), told.hidden ? told.hidden + ' more signals are not shown.' : '');
    document.querySelectorAll('button[data-span]').forEach(button =>
      button.setAttribute('aria-pressed', String(Number(button.dataset.span) === told.span)));
    $('pause').setAttribute('aria-pressed', String(told.paused));
  };
  // what equals what was sent before would not be sent
  const once = () => Date.now() + Math.random();
  // says that somebody looks: a hidden page draws nothing and is sent nothing
  const alive = () => requestAnimationFrame(() => {
    if (lost || told.n === acked) return;
    acked = told.n;
    drawn.data = {n: [once()]};
  });
  const act = key => { keys.data = {n: [once()], do: [JSON.stringify([key])]}; };
  const KNOWN = new Set(['+', '-', ' ', '1', '2', '3', '4', '5', '6']);
  const pressed = event => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const key = event.key === '=' ? '+' : event.key;
    const button = event.target.closest && event.target.closest('button');
    if (button && key === ' ') return;
    if (!KNOWN.has(key)) return;
    event.preventDefault();
    act(key);
  };
  const gone = () => {
    lost = true;
    text($('state'), 'This page has lost the monitor; a recording goes on without it. Trying'
      + ' again ...');
    $('state').classList.add('worry');
    const again = () => fetch(location.href, {cache: 'no-store'})
      .then(answer => { if (answer.ok) location.reload(); else setTimeout(again, 3000); })
      .catch(() => setTimeout(again, 3000));
    setTimeout(again, 1000);
  };
  const papers = () => {
    const css = getComputedStyle(document.documentElement);
    for (const model of Bokeh.documents[0].all_models)
      if ((model.tags || []).includes('paper') && model.glyph)
        model.glyph.background_fill_color = css.getPropertyValue('--paper').trim();
  };
  const wait = () => {
    const doc = window.Bokeh && Bokeh.documents[0];
    keys = doc && doc.get_model_by_name('keys');
    state = doc && doc.get_model_by_name('state');
    drawn = doc && doc.get_model_by_name('drawn');
    const lines = doc && doc.get_model_by_name('lines');
    const plot = doc && doc.get_model_by_name('tracks');
    if (!keys || !state || !drawn || !plot) return setTimeout(wait, 30);
    state.connect(state.properties.data.change, () => { show(); alive(); });
    plot.x_range.connect(plot.x_range.properties.end.change, () => {
      document.body.dataset.updates = String(updates += 1);
    });
    document.addEventListener('keydown', pressed);
    document.addEventListener('visibilitychange', () => { acked = -1; alive(); });
    document.querySelectorAll('button[data-key]').forEach(button =>
      button.addEventListener('click', () => act(button.dataset.key)));
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', papers);
    doc.on_event('connection_lost', gone);
    papers();
    show();
    alive();
    document.body.dataset.ready = 'yes';
  };
  wait();
})();
"""


def _span_words(span_s: float) -> str:
    return f"{span_s:.0f} s" if span_s < 60.0 else f"{span_s / 60.0:.0f} min"


_BUTTONS = "".join(
    f'<button type="button" data-key="{number}" data-span="{span_s:.0f}" aria-pressed="false">'
    f"<kbd>{number}</kbd> {_span_words(span_s)}</button>"
    for number, span_s in enumerate(SPANS_S, 1)
)


def _table(name: str, titles: tuple[str, ...]) -> str:
    heads = "".join(f"<th>{escape(title)}</th>" for title in titles)
    return (
        f'<div class="scroll"><table id="{name}" class="cards"><thead><tr>{heads}</tr></thead>'
        "<tbody></tbody></table></div>"
    )


TEMPLATE = (
    """
{% block title %}Monitor{% endblock %}
{% block preamble %}
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<link rel="icon" href="data:,">
<style>"""
    + CSS
    + _STYLE
    + """</style>
{% endblock %}
{% block contents %}
<header>
  <h1 id="title"></h1>
  <span id="state" role="status"></span>
  <span id="elapsed"></span>
</header>
<main>
  <div id="banners"></div>
  <div class="keys" role="group" aria-label="How much is shown">"""
    + _BUTTONS
    + """<button type="button" data-key=" " id="pause" aria-pressed="false"><kbd>space</kbd>
    pause</button></div>
  <div class="plot">{{ embed(roots.tracks) }}</div>
  <ul class="key soft"><li><b class="line"></b> signal: smallest to largest</li>
    <li><b class="line strong"></b> envelope of the muscle</li>
    <li><kbd>+</kbd> <kbd>-</kbd> shorter, longer</li></ul>
  <h2>Sensors</h2>"""
    + _table("sensors", ("sensor", "link", "quality", "battery", "lost samples"))
    + """
  <p class="soft" id="hidden"></p>
  <h2>Events</h2>
  <p class="soft" id="provisional"></p>
  <p id="none">None yet.</p>"""
    + _table("events", ("", "begins", "what", "lasts", "where", "state"))
    + """
</main>
<footer><p class="soft">"""
    + escape(DISCLAIMER)
    + """</p></footer>
<script>"""
    + THEME_JS
    + _SCRIPT
    + """</script>
{% endblock %}
"""
)
"""Template of the page, for a Bokeh document with the root ``tracks``."""
