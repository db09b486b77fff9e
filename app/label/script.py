"""What the page of the labeller is made of around its figures.

Texts that come from files are only ever set as text: nothing in them becomes a tag.
"""

from __future__ import annotations

from html import escape

from ..report.looks import look_of
from ..report.style import CSS, THEME_JS
from ..report.words import DISCLAIMER, KINDS
from .keys import COMMANDS, TYPE_KEYS

_STYLE = """
body { padding-bottom: 3rem; }
main, header, footer { max-width: none; }
header { display: flex; flex-wrap: wrap; gap: .2rem 1.4rem; align-items: baseline;
  padding-top: .6rem; }
header h1 { font-size: 1.1rem; margin: 0; overflow-wrap: anywhere; }
#saved { font-weight: 600; }
#saved.failed, #said.failed { color: var(--alarm); background: var(--alarm-paper);
  padding: 0 .4rem; }
.line { display: flex; flex-wrap: wrap; gap: .1rem 1.6rem; font-size: .9rem; min-height: 1.5em;
  font-variant-numeric: tabular-nums; }
.line span:empty, .banner:empty { display: none; }
.banner { margin: .2rem 0; padding: .2rem .6rem; font-size: .875rem; }
#chosen { font-weight: 600; }
.keys { display: flex; flex-wrap: wrap; gap: .35rem; margin: .4rem 0; }
button { font: inherit; font-size: .85rem; color: var(--ink); background: var(--card);
  border: 1px solid var(--line); border-radius: .4rem; padding: .2rem .55rem; cursor: pointer; }
button[aria-pressed="true"] { border-color: var(--ink); border-width: 2px; font-weight: 650; }
button:focus-visible, input:focus-visible { outline: 2px solid var(--ink);
  outline-offset: 1px; }
kbd { font: inherit; font-size: .8em; border: 1px solid var(--line); border-radius: .25rem;
  padding: 0 .3em; background: var(--paper); }
dialog { color: var(--ink); background: var(--paper); border: 1px solid var(--line);
  border-radius: .6rem; max-width: min(46rem, 94vw); max-height: 86vh; overflow: auto; }
dialog h2 { margin: .4rem 0; }
dialog form:first-child { float: right; }
dialog input { font: inherit; width: 100%; min-width: min(30rem, 80vw); padding: .3rem;
  color: var(--ink); background: var(--card); border: 1px solid var(--line); }
.under { display: flex; flex-wrap: wrap; gap: 0 2.4rem; }
.under > * { min-width: min(20rem, 100%); }
#agreement td:nth-child(n+3), #agreement th:nth-child(n+3) { text-align: right; }
"""

_SCRIPT = """
(() => {
  const $ = id => document.getElementById(id);
  const MAC = navigator.platform.startsWith('Mac');
  let keys, state, told = {}, number = 0, seen = 0, waiting = [];
  const send = () => {
    if (!waiting.length || number > seen) return;
    number += 1;
    keys.data = {n: [number], do: [JSON.stringify(waiting.splice(0))]};
  };
  const give = (what, value) => { waiting.push([what, value]); send(); };
  const text = (id, value) => {
    const place = $(id);
    if (place.textContent !== value) place.textContent = value;
  };
  const show = () => {
    told = JSON.parse(state.data.json[0]);
    for (const id of ['title', 'annotator', 'saved', 'said', 'where', 'chosen', 'signal',
      'banner'])
      text(id, told[id] || '');
    text('cursor', 'cursor ' + told.cursor + (told.track ? ', ' + told.track : ''));
    text('counts', told.labels + (told.labels === 1 ? ' label' : ' labels') + (told.proposals
      ? ', ' + told.left + ' of ' + told.proposals + ' proposals left' : ', no proposals'));
    text('notetext', told.note ? 'Note: ' + told.note : '');
    $('saved').classList.toggle('failed', told.failed);
    $('said').classList.toggle('failed', told.failed);
    document.querySelectorAll('button[data-kind]').forEach(button =>
      button.setAttribute('aria-pressed', String(button.dataset.kind === told.kind)));
    const body = $('agreement').tBodies[0];
    body.replaceChildren(...told.agreement.map(row => {
      const line = document.createElement('tr');
      line.append(...row.map(cell => {
        const place = document.createElement('td');
        place.textContent = cell;
        return place;
      }));
      return line;
    }));
    $('agreed').hidden = !told.agreement.length;
    $('notes').replaceChildren(...told.notes.map(note => {
      const line = document.createElement('li');
      line.textContent = note;
      return line;
    }));
    seen = Math.max(seen, told.seen);
    send();
  };
  const open = id => { if (!$(id).open) $(id).showModal(); };
  const write = () => {
    if (!told.chosen) return;
    $('note').value = told.note;
    open('writing');
    $('note').select();
  };
  const KNOWN = new Set(JSON.parse($('known').textContent));
  const pressed = event => {
    if (document.querySelector('dialog[open]') || event.altKey && !event.key.match(/^[^a-z]$/i))
      return;
    if (event.target.closest && event.target.closest('input, textarea, select')) return;
    const button = event.target.closest && event.target.closest('button');
    if (button && (event.key === 'Enter' || event.key === ' ')) return;
    const held = MAC ? event.metaKey : event.ctrlKey;
    if ((event.ctrlKey || event.metaKey) && !held) return;
    let key = event.key;
    if (held && !event.getModifierState('AltGraph')) {
      key = 'Ctrl+' + (event.shiftKey ? key.toUpperCase() : key);
    }
    if (!KNOWN.has(key)) return;
    event.preventDefault();
    act(key);
  };
  const act = key => {
    if (key === '?') open('help');
    else if (key === 'Enter') write();
    else give('key', key);
  };
  const alive = () => {
    // the server is gone: what is done here would be lost
    const gone = Bokeh.documents[0] === undefined;
    if (gone) lost();
  };
  const lost = () => {
    text('saved', 'NOT SAVED');
    text('said', 'The program has ended: start it again and reload this page.');
    $('saved').classList.add('failed');
    $('said').classList.add('failed');
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
    if (!keys || !state) return setTimeout(wait, 30);
    state.connect(state.properties.data.change, show);
    document.addEventListener('keydown', pressed);
    document.querySelectorAll('button[data-key]').forEach(button =>
      button.addEventListener('click', () => act(button.dataset.key)));
    $('form').addEventListener('submit', () => give('note', $('note').value));
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', papers);
    doc.on_event('connection_lost', lost);
    papers();
    show();
    seen = number = Math.max(number, told.seen);
    document.body.dataset.ready = 'yes';
  };
  wait();
})();
"""


def _buttons() -> str:
    kinds = "".join(
        f'<button type="button" data-key="{key}" data-kind="{kind}" aria-pressed="false">'
        f"<kbd>{key}</kbd> {look_of(kind).symbol} {escape(kind.replace('_', ' '))}</button>"
        for key, kind in TYPE_KEYS.items()
    )
    acts = "".join(
        f'<button type="button" data-key="{escape(key)}"><kbd>{escape(key)}</kbd>'
        f" {name}</button>"
        for key, name in _ACTS
    )
    return (
        f'<div class="keys" role="group" aria-label="Type of label">{kinds}</div>'
        f'<div class="keys" role="group" aria-label="What to do">{acts}</div>'
    )


_ACTS = (
    ("a", "accept"),
    ("r", "reject"),
    ("n", "next"),
    ("p", "previous"),
    ("m", "mark"),
    ("u", "undo"),
    ("U", "redo"),
    ("Enter", "note"),
    ("Delete", "delete"),
    ("+", "zoom in"),
    ("-", "zoom out"),
    ("z", "night"),
    ("f", "filter"),
    ("?", "keys"),
)


def _help() -> str:
    rows = [
        (key, f"type: {KINDS.get(kind, (kind,))[0]}") for key, kind in TYPE_KEYS.items()
    ] + [(command.shown, command.about) for command in COMMANDS]
    lines = "".join(
        f"<tr><th scope=row><kbd>{escape(shown)}</kbd></th><td>{escape(about)}</td></tr>"
        for shown, about in rows
    )
    return (
        '<dialog id="help" aria-labelledby="helptitle">'
        '<form method="dialog"><button>Close (Esc)</button></form>'
        '<h2 id="helptitle">Keys</h2>'
        "<p>With the mouse: drag to mark, drag an edge of the selected label to mend it, click"
        " to select and to place the cursor, wheel to zoom; drag the window on the overview."
        f"</p><table>{lines}</table></dialog>"
    )


def _known() -> str:
    keys = [*TYPE_KEYS, *(key for command in COMMANDS for key in command.keys)]
    quoted = ",".join('"' + key.replace("<", "\\u003c") + '"' for key in keys)
    return f"[{quoted}]"


TEMPLATE = (
    """
{% block title %}Labelling a night{% endblock %}
{% block preamble %}
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta http-equiv="Content-Security-Policy" content="default-src 'none';
  script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; connect-src 'self';
  img-src 'self' data: blob:; font-src 'self' data:; base-uri 'none'; form-action 'none'">
<link rel="icon" href="data:,">
<style>"""
    + CSS
    + _STYLE
    + """</style>
{% endblock %}
{% block contents %}
<header>
  <h1 id="title"></h1>
  <span>Labels of <b id="annotator"></b></span>
  <span id="counts"></span>
  <span id="saved" role="status"></span>
</header>
<main>
  <p class="banner" id="banner"></p>
  <div class="line"><span id="where"></span><span id="cursor"></span><span id="signal"
    class="soft"></span></div>
  <div class="plot">{{ embed(roots.overview) }}</div>
  <div class="plot">{{ embed(roots.tracks) }}</div>
  <div class="line"><span id="chosen" role="status"></span><span id="notetext"></span>
    <span id="said" role="status"></span></div>
"""
    + _buttons()
    + """
  <div class="under">
    <section id="agreed" hidden><h2>Agreement with others</h2><div class="scroll">
      <table id="agreement"><thead><tr><th>annotator</th><th>kind</th><th>yours</th>
      <th>theirs</th><th>both</th><th>F1</th><th>kappa</th></tr></thead><tbody></tbody></table>
    </div></section>
    <section><ul id="notes" class="soft"></ul></section>
  </div>
</main>
<footer><p class="soft">"""
    + escape(DISCLAIMER)
    + """</p></footer>
"""
    + _help()
    + """
<dialog id="writing" aria-label="Note"><form method="dialog" id="form">
  <p><label for="note">Note to this label (Enter saves, Esc drops)</label></p>
  <input id="note" maxlength="500" autocomplete="off"></form></dialog>
<script type="application/json" id="known">"""
    + _known()
    + """</script>
<script>"""
    + THEME_JS
    + _SCRIPT
    + """</script>
{% endblock %}
"""
)
"""Template of the page, for a Bokeh document with the roots ``overview`` and ``tracks``."""
