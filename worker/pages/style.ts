/** The only stylesheet. Colors come in pairs, for light and dark. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --page: light-dark(#f5f7f8, #0f1417);
  --card: light-dark(#ffffff, #171d21);
  --text: light-dark(#16212a, #e4eaee);
  --muted: light-dark(#53636f, #9babb6);
  --line: light-dark(#d8e0e5, #2b353c);
  --field: light-dark(#76858f, #70808b);
  --accent: light-dark(#0b6b66, #5ccabf);
  --on-accent: light-dark(#ffffff, #06211f);
  --danger: light-dark(#b3261e, #ff9b90);
  --danger-soft: light-dark(#fdeceb, #3a1f1d);
  --radius: .6rem;
}
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; background: var(--page); color: var(--text); font: 1rem/1.55 system-ui, sans-serif; }
header.bar { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: center; padding: .8rem 1.25rem; border-bottom: 1px solid var(--line); background: var(--card); }
header.bar .brand { font-weight: 650; color: inherit; text-decoration: none; margin-right: auto; }
header.bar form { margin: 0; }
header.bar a.muted { max-width: min(16rem, 34vw); overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
header.bar nav { display: flex; flex-wrap: wrap; gap: .25rem; margin-right: auto; }
header.bar nav a { color: inherit; text-decoration: none; overflow-wrap: anywhere; padding: .35rem .7rem; border-radius: .4rem; }
header.bar nav a:hover { background: var(--page); }
header.bar nav a[aria-current] { background: var(--page); font-weight: 600; }
header.bar .brand:has(+ nav) { margin-right: 0; }
#live, h1 + .card, .lead + .card, .problem + .card, h2 + .card { margin-top: 1rem; }
p + .card { margin-top: 1rem; }
main { margin: 2rem auto; padding: 0 1.25rem; max-width: 64rem; }
main.narrow { max-width: 28rem; }
main.narrow > section, .card { background: var(--card); border: 1px solid var(--line); border-radius: var(--radius); padding: 1.5rem; }
h1 { font-size: 1.4rem; line-height: 1.25; margin: 0 0 .5rem; }
h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
p { margin: .5rem 0; }
p.lead, .muted { color: var(--muted); }
small { font-size: .85rem; }
a { color: var(--accent); }
form.stack { display: grid; gap: 1rem; margin: 1.25rem 0 0; }
label { display: grid; gap: .3rem; font-weight: 550; }
label small { font-weight: 400; color: var(--muted); }
label.check { display: flex; gap: .6rem; align-items: baseline; font-weight: 400; }
input, select, textarea { font: inherit; color: inherit; background: var(--page); border: 1px solid var(--field); border-radius: .4rem; padding: .55rem .7rem; min-height: 2.75rem; width: 100%; }
input[type=checkbox], input[type=radio] { width: auto; min-height: 0; accent-color: var(--accent); }
fieldset { display: grid; gap: .5rem; margin: 0; padding: .75rem 1rem; border: 1px solid var(--line); border-radius: .4rem; }
legend { padding: 0 .35rem; font-weight: 550; }
button, .button { display: inline-block; font: inherit; font-weight: 600; text-align: center; text-decoration: none; cursor: pointer; color: var(--on-accent); background: var(--accent); border: 1px solid transparent; border-radius: .4rem; padding: .55rem 1.1rem; min-height: 2.75rem; }
button.plain, .button.plain { color: inherit; background: transparent; border-color: var(--line); font-weight: 500; }
button.small { min-height: 2.25rem; padding: .25rem .75rem; font-size: .9rem; }
textarea { font: .9rem/1.5 ui-monospace, monospace; resize: vertical; }
form.inline { display: flex; flex-wrap: wrap; gap: .5rem; align-items: center; margin: 0; }
form.inline:has(> label) { align-items: end; }
table form.inline input, table form.inline select { min-height: 2.25rem; padding: .25rem .5rem; }
form.inline input, form.inline select { width: auto; flex: 0 1 18rem; min-width: 0; }
form.inline select { flex: none; }
td form.inline { flex-wrap: nowrap; }
td form.inline input { flex-basis: 8rem; }
.card > form.stack:first-child { margin-top: 0; }
.card > form.inline { margin-top: 1rem; }
td.end { text-align: right; }
td.end form.inline { display: inline-flex; margin-left: .5rem; }
td.end form:has(+ details) { margin-bottom: .4rem; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.secret { border-color: var(--accent); border-width: 2px; margin-bottom: 1.25rem; }
pre.copy { white-space: pre-wrap; user-select: all; background: var(--page); margin-bottom: 0; }
button.danger { color: var(--danger); background: transparent; border-color: currentColor; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.actions { display: flex; flex-wrap: wrap; gap: .75rem; }
.problem, #live-state:not(:empty) { border-left: 4px solid var(--danger); background: var(--danger-soft); border-radius: .3rem; padding: .6rem .8rem; margin: 1rem 0 0; }
.or { display: flex; gap: .8rem; align-items: center; margin: 1.25rem 0; color: var(--muted); }
.or::before, .or::after { content: ""; flex: 1; border-top: 1px solid var(--line); }
pre { overflow-x: auto; padding: .8rem 1rem; border: 1px solid var(--line); border-radius: var(--radius); background: var(--card); }
code { font: .9em ui-monospace, monospace; overflow-wrap: anywhere; }
pre code { overflow-wrap: normal; }
.card + .card, .card + h2 { margin-top: 1.25rem; }
.card > h2:first-child { margin-top: 0; }
.crumbs { margin: 0 0 .5rem; font-size: .9rem; color: var(--muted); }
ul.plain { list-style: none; padding: 0; margin: 1rem 0 0; display: grid; gap: .6rem; }
.state { display: inline-block; font-size: .8rem; font-weight: 600; padding: .1rem .55rem; border: 1px solid var(--line); border-radius: 1rem; color: var(--muted); vertical-align: middle; }
.state.good { color: var(--accent); border-color: currentColor; }
.state.bad { color: var(--danger); border-color: currentColor; }
.block { display: block; font-weight: 400; }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 20rem), 1fr)); gap: 1.25rem; margin: 1rem 0; }
figure.plot { margin: 0; min-width: 0; }
figure.plot svg { display: block; width: 100%; height: 7.5rem; margin: .3rem 0; border: 1px solid var(--line); border-radius: .4rem; background: var(--page); }
figure.plot polyline { fill: none; stroke: var(--accent); stroke-width: 2; stroke-linejoin: round; }
svg.sparkline { display: block; width: 8rem; height: 1.6rem; }
svg.sparkline polyline { fill: none; stroke: var(--accent); stroke-width: 1.5; stroke-linejoin: round; }
form.filter { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(14rem, 100%), 1fr)); gap: .75rem; align-items: end; margin: .5rem 0; }
form.filter input { width: 100%; min-width: 0; }
form.filter .actions { margin: 0; }
.columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 11rem), 1fr)); gap: .75rem; align-items: start; }
.columns.limit { grid-template-columns: repeat(auto-fit, minmax(min(100%, 7.5rem), 1fr)); margin-top: .4rem; padding: .75rem 0 .25rem; border-top: 1px solid var(--line); }
.columns label { font-size: .9rem; min-width: 0; }
.columns input, .columns select { font-weight: 400; }
.columns.limit button { margin-top: 1.7rem; min-height: 2.75rem; }
fieldset .columns + .actions { margin: .25rem 0; }
fieldset .limit + .actions { margin-top: 0; }
[aria-invalid] { border-color: var(--danger); }
small.wrong, label small.wrong { color: var(--danger); }
details.card { padding-block: .5rem; }
details.card + .card { margin-top: 1rem; }
.card + nav.actions { margin-top: 1rem; }
td.writable, td.time { white-space: nowrap; }
summary { cursor: pointer; padding: .5rem 0; }
details.sure { display: inline-block; margin-left: .5rem; max-width: 22rem; text-align: left; vertical-align: top; }
details.sure > summary { width: max-content; min-height: 2.25rem; margin-left: auto; padding: .3rem .75rem; font-size: .9rem; font-weight: 600; color: var(--danger); border: 1px solid; border-radius: .4rem; }
details.sure > p { margin: .6rem 0; font-size: .9rem; white-space: normal; }
td.end details.sure > form.inline { margin-left: 0; }
dl.facts { display: grid; grid-template-columns: max-content 1fr; gap: .3rem 1rem; margin: 1rem 0; }
.card > dl.facts:only-child { margin: 0; }
dl.facts dt { color: var(--muted); }
dl.facts dd { margin: 0; overflow-wrap: anywhere; }
.sides { display: grid; grid-template-columns: 1fr 1fr; gap: 1rem; margin: 1.25rem 0; }
.sides section { min-width: 0; }
.sides h2 { margin: 0 0 .4rem; font-size: .95rem; color: var(--muted); }
.sides pre { margin: 0; max-height: 24rem; background: var(--page); white-space: pre-wrap; overflow-wrap: anywhere; }
.sides section.new pre { border-color: var(--accent); border-width: 2px; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .5rem .7rem; border-bottom: 1px solid var(--line); vertical-align: top; }
caption { text-align: left; padding: 0 .7rem .4rem; font-size: .9rem; }
thead th { font-size: .85rem; color: var(--muted); }
tbody th { font-weight: 550; }
tbody tr:last-child > * { border-bottom: 0; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
td.id code { white-space: nowrap; }
td.value code { overflow-wrap: anywhere; }
.scroll { position: relative; overflow-x: auto; }
main:has(table.log) { max-width: 76rem; }
table.log code.block, table.log td.name { overflow-wrap: anywhere; }
footer { max-width: 64rem; margin: 3rem auto 1.5rem; padding: 0 1.25rem; font-size: .85rem; color: var(--muted); }
@media (min-width: 34.01rem) {
  table.log { font-size: .9rem; }
  table.log :is(th, td) { padding-inline: .5rem; }
  table.log td.time { white-space: normal; min-width: 7.5rem; }
  table.log td.name { min-width: 7rem; }
}
@media (max-width: 34rem) {
  main { margin: 1rem auto; }
  main.narrow > section, .card { padding: 1.1rem; }
  dl.facts { grid-template-columns: 1fr; gap: 0; }
  .sides { grid-template-columns: 1fr; }
  header.bar nav { order: 1; width: 100%; margin: 0 -.7rem; }
  header.bar .brand:has(+ nav) { margin-right: auto; }
  table.cards thead, table.stacked thead { position: absolute; clip-path: inset(50%); }
  table.stacked tr { display: grid; grid-template-columns: 1fr auto; padding: .6rem 0; border-bottom: 1px solid var(--line); }
  table.cards tr { display: flex; flex-wrap: wrap; gap: .3rem .9rem; align-items: baseline; padding: .6rem 0; border-bottom: 1px solid var(--line); }
  table.cards tr > th { flex: 1 0 100%; }
  table.cards tr > .end { flex: 1 0 100%; text-align: left; }
  table.cards td.end form.inline { margin: 0 .5rem 0 0; }
  table.cards td[data-is]::before { content: attr(data-is) " "; color: var(--muted); }
  details.sure { margin: 0; }
  details.sure > summary { margin-left: 0; }
  table.cards tr > *, table.stacked tr > * { border: 0; padding: .15rem 0; min-width: 0; }
  table.stacked tr .value { grid-row: 2; grid-column: 1 / -1; }
  table.stacked tr .lately { grid-row: 3; grid-column: 1 / -1; }
  table.stacked tr .lately:empty { display: none; }
  table.stacked tr .writable { grid-row: 4; grid-column: 1 / -1; font-size: .85rem; color: var(--muted); }
  dl.facts dd { margin-bottom: .5rem; }
}
`;
