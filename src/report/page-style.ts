/** Colours have at least 4.5 : 1 on their ground, in both themes. */
export const pageStyle = `:root {
  color-scheme: light dark;
  --paper: #ffffff; --ink: #1b1f24; --muted: #5c6670; --line: #d5dae0; --soft: #f4f6f8;
  --accent: #1f5fbf; --second: #9a5b00; --third: #6f4aa8; --good: #1a7340; --bad: #b3261e;
}
@media screen and (prefers-color-scheme: dark) {
  :root:not(.printed) {
    --paper: #14181d; --ink: #e6e9ed; --muted: #a3adb8; --line: #3a424c; --soft: #1d232a;
    --accent: #7fb2ff; --second: #f0b35c; --third: #c3a5f5; --good: #62cf8f; --bad: #ff8f85;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; max-width: 70rem; padding: 1.5rem 1.25rem 4rem;
  background: var(--paper); color: var(--ink); font: 1rem/1.55 system-ui, sans-serif;
}
html { background: var(--paper); }
h1 { font-size: 1.7rem; line-height: 1.25; margin: 0 0 .5rem; }
h2 { font-size: 1.25rem; margin: 2.5rem 0 .5rem; padding-top: .75rem; border-top: 1px solid var(--line); }
h3 { font-size: 1rem; margin: 1.25rem 0 .25rem; }
h1, h2, h3, p, li, summary { overflow-wrap: anywhere; }
td { overflow-wrap: break-word; max-width: 22rem; }
p { margin: .4rem 0; max-width: 62rem; }
.quiet { color: var(--muted); font-size: .9rem; }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: .75rem; margin: 1.25rem 0; }
.facts > div { background: var(--soft); border-radius: .5rem; padding: .7rem .85rem; }
.facts dt { color: var(--muted); font-size: .85rem; }
.facts dd { margin: 0; font-size: 1.3rem; font-weight: 600; }
.facts dd small { display: block; font-size: .8rem; font-weight: 400; color: var(--muted); }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(22rem, 1fr)); gap: 1rem; }
.pair > * { min-width: 0; }
figure { margin: .75rem 0; break-inside: avoid; }
figcaption { font-weight: 600; font-size: .95rem; }
.chart { min-height: 3rem; overflow: hidden; }
.chart svg text { user-select: none; }
html:not(.drawn) .chart::before { content: "The chart needs script; its table is below."; color: var(--muted); }
details { margin: .5rem 0; }
summary { cursor: pointer; padding: .2rem 0; }
summary:focus-visible, .wide:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
details.run { border: 1px solid var(--line); border-radius: .5rem; padding: .35rem .85rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: .87rem; width: 100%; }
caption { text-align: left; color: var(--muted); padding: .2rem 0; }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem .3rem 0; border-bottom: 1px solid var(--line); }
th { font-weight: 600; white-space: nowrap; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
ol.findings, ul.open { padding-left: 1.4rem; }
ol.findings > li, ul.open li { margin: .7rem 0; break-inside: avoid; }
ol.findings > li { margin-bottom: 1.2rem; }
ol.findings ul { margin: .2rem 0 0; padding-left: 1.1rem; }
ol.findings ul code { font-size: .8em; }
code { font: .9em ui-monospace, monospace; background: var(--soft); padding: .05rem .3rem; border-radius: .25rem; overflow-wrap: anywhere; }
@media print {
  @page { margin: 14mm; }
  body { max-width: none; padding: 0; font-size: 10pt; }
  .pair { grid-template-columns: 1fr; }
  .facts > div { border: 1px solid var(--line); }
  .wide { overflow: visible; }
  .wide table { font-size: 7.5pt; }
  td { overflow-wrap: anywhere; }
  .drawn details.table:not([open]) { display: none; }
  details.run { break-inside: avoid; }
  ol.findings > li { break-inside: auto; }
  .lead { break-after: avoid; }
  thead { display: table-header-group; }
  tr, summary, .facts { break-inside: avoid; }
  h2, h3, h2 + p, details[open] > summary { break-after: avoid; }
}`;
