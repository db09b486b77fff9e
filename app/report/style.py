"""How the page looks, by day and by night."""

CSS = """
:root { color-scheme: light dark; --ink: #1d2430; --soft: #566070; --paper: #ffffff;
  --card: #f5f6f8; --line: #d9dde3; --alarm: #9a3d00; --alarm-paper: #fff3ea; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ee; --soft: #a4adba;
  --paper: #12161c; --card: #1b2129; --line: #333c48; --alarm: #ffb684;
  --alarm-paper: #33210f; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
main, header, footer { max-width: 72rem; margin: 0 auto; padding: 0 1rem; }
header { padding-top: 1.5rem; }
h1 { font-size: clamp(1.5rem, 4.5vw, 2.3rem); line-height: 1.2; margin: .2rem 0 .6rem;
  text-wrap: balance; }
h2 { font-size: 1.25rem; margin: 2.2rem 0 .6rem; }
h3 { font-size: 1rem; margin: 0; }
p { margin: .4rem 0; max-width: 46rem; }
.name, .soft { color: var(--soft); overflow-wrap: anywhere; }
.soft { font-size: .875rem; }
.banner { border-left: .35rem solid var(--alarm); background: var(--alarm-paper);
  color: var(--alarm); padding: .6rem .9rem; font-weight: 600; max-width: none; }
.device { border: 1px solid var(--line); background: var(--card); border-radius: .5rem;
  padding: .7rem .9rem; font-size: .9rem; max-width: none; }
.watched { font-size: 1.05rem; font-weight: 600; max-width: none; }
h4 { font-size: .875rem; margin: 0; }
.card { border: 1px solid var(--line); border-radius: .6rem; padding: .9rem 1rem .2rem;
  margin: 1rem 0; }
.card ul { margin: .2rem 0 .6rem; padding-left: 1.2rem; }
.card table { margin-bottom: .7rem; }
.night .track { margin-bottom: .5rem; }
.spark rect { fill: var(--soft); } .spark .now { fill: var(--alarm); }
.narrow { max-width: 34rem; }
.track { margin: 0 0 1.3rem; }
.track h3, .track p { overflow-wrap: anywhere; }
.plot { width: 100%; overflow: hidden; }
.key { display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; padding: 0; margin: .6rem 0;
  list-style: none; font-size: .875rem; }
.key b { display: inline-block; min-width: 1.2em; font-size: 1.05rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: .875rem; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .35rem .7rem .35rem 0;
  border-bottom: 1px solid var(--line); font-variant-numeric: tabular-nums; }
.origin td, .origin th { overflow-wrap: anywhere; }
.origin td.number { white-space: nowrap; overflow-wrap: normal; }
tr.alarm td { font-weight: 650; background: var(--card); }
thead th { color: var(--soft); font-weight: 600; white-space: nowrap; }
td:is([data-label="begins"], [data-label="lasts"], [data-label="rate"],
  [data-label="resting level"], [data-label="usable"], [data-label="artefact"],
  [data-label="unscorable"], [data-label="gap"]) { white-space: nowrap; }
.origin { width: auto; max-width: 100%; }
.origin th { font-weight: 500; color: var(--soft); }
details > summary { cursor: pointer; font-weight: 600; margin: 2rem 0 .6rem;
  font-size: 1.25rem; }
footer { padding-top: 1.5rem; padding-bottom: 3rem; }
@media (max-width: 46rem) {
  table { font-size: .8rem; }
  th, td { padding-right: .45rem; }
  .cards thead { position: absolute; width: 1px; height: 1px; overflow: hidden;
    clip-path: inset(50%); }
  .cards, .cards tbody, .cards tr, .cards td { display: block; }
  .cards tr { border: 1px solid var(--line); border-radius: .5rem; padding: .4rem .8rem;
    margin-bottom: .8rem; }
  .cards td { border: 0; padding: .1rem 0 .1rem 7.5rem; text-indent: -7.5rem;
    overflow-wrap: anywhere; }
  .cards tr.alarm td { background: none; }
  .cards td::before { content: attr(data-label); display: inline-block; width: 7.5rem;
    text-indent: 0; color: var(--soft); }
}
[data-paper] body { width: 186mm; margin: 0 auto; }
@page { size: A4; margin: 12mm; }
@media print {
  :root { color-scheme: light; --ink: #1d2430; --soft: #566070; --paper: #ffffff;
    --card: #f5f6f8; --line: #d9dde3; --alarm: #9a3d00; --alarm-paper: #fff3ea; }
  body { background: none; font-size: 10pt; }
  main, header, footer { max-width: none; padding: 0; }
  h2, h3, h4, summary { break-after: avoid; }
  .track, tr, .banner, .device, svg { break-inside: avoid; }
  .card { break-inside: avoid; }
  .scroll { overflow: visible; }
  table { font-size: 7.5pt; }
  th, thead th, td, td:is([data-label]) { white-space: normal; padding: .15rem .4rem .15rem 0; }
  .origin td.number { white-space: nowrap; }
  p, .soft, .track p { font-size: 8.5pt; margin: .15rem 0; }
  .name, .banner, .watched, header p { font-size: 10pt; }
  h1 { font-size: 17pt; } h2 { font-size: 13pt; margin-top: 1.2rem; }
  .card { padding: .4rem .6rem 0; } .card .track { margin-bottom: .2rem; }
  .card ul, ul { margin: .1rem 0; font-size: 8.5pt; }
}
@media print and (prefers-color-scheme: dark) {
  .plot { filter: invert(1) hue-rotate(180deg); }
}
"""

# Bokeh paints on a canvas, which no style sheet reaches
THEME_JS = """
(() => {
  const axis = {axis_line_color: 1, major_tick_line_color: 1, major_label_text_color: 1};
  const wanted = {DatetimeAxis: axis, LinearAxis: axis, Grid: {grid_line_color: 1}};
  const paint = () => {
    const ink = getComputedStyle(document.documentElement).getPropertyValue('--ink').trim();
    for (const doc of Bokeh.documents) for (const model of doc.all_models) {
      for (const name of Object.keys(wanted[model.type] || {})) model[name] = ink;
      if (!(model.tags || []).includes('ink') || !model.glyph) continue;
      for (const name of ['text_color', 'line_color'])
        if (name in model.glyph) model.glyph[name] = ink;
    }
  };
  const wait = () => {
    if (window.Bokeh && Bokeh.documents.length) paint(); else setTimeout(wait, 30);
  };
  wait();
  // a canvas keeps its size: on paper it is shrunk as it is
  const plots = () => document.documentElement.dataset.paper
    ? [] : [...document.querySelectorAll('.plot')];
  const inside = root => [...root.querySelectorAll('*')].flatMap(
    element => [element, ...(element.shadowRoot ? inside(element.shadowRoot) : [])]);
  const buttons = display => inside(document).forEach(element => {
    if (element.classList.contains('bk-Toolbar')) element.style.display = display;
  });
  addEventListener('beforeprint', () => buttons('none'));
  addEventListener('afterprint', () => buttons(''));
  addEventListener('beforeprint', () => plots().forEach(plot => {
    const wide = plot.clientWidth;
    const paper = 680;
    if (wide <= paper) return;
    plot.style.width = wide + 'px';
    plot.style.zoom = paper / wide;
  }));
  addEventListener('afterprint', () => plots().forEach(plot => {
    plot.style.width = plot.style.zoom = '';
  }));
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', paint);
})();
"""
