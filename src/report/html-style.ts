/** The style sheet of report.html. Colours are named once, for light and for dark. */
export const STYLE = `
:root {
  --paper: #fff; --raised: #f6f7f9; --line: #e3e5ea; --ink: #1c1e24; --faint: #5f6470; --accent: #3057c4; --bad: #b3261e;
  color-scheme: light dark;
}
@media (prefers-color-scheme: dark) {
  :root { --paper: #15171c; --raised: #1e2128; --line: #32363f; --ink: #e7e9ee; --faint: #9ba1ae; --accent: #8fb0ff; --bad: #ff8a80; }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; max-width: 68rem; padding: 3rem 1.5rem 5rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  font-variant-numeric: tabular-nums; -webkit-text-size-adjust: 100%;
}
h1 { margin: 0; font-size: 1.75rem; line-height: 1.25; font-weight: 650; letter-spacing: -.01em; overflow-wrap: anywhere; }
h2 { margin: 0 0 .75rem; font-size: 1.125rem; font-weight: 650; }
header p { margin: .35rem 0 0; color: var(--faint); }
section, .figures { margin: 2.5rem 0 0; }
.badge { font-size: .8rem; font-weight: 600; letter-spacing: 0; padding: .15rem .6rem; border-radius: 1rem; border: 1px solid; vertical-align: middle; color: var(--faint); }
.badge.failed { color: var(--bad); }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: 1px; background: var(--line); border: 1px solid var(--line); border-radius: .6rem; overflow: hidden; }
.figures div { padding: 1rem 1.1rem; background: var(--paper); }
dt { font-size: .85rem; color: var(--faint); }
dd { margin: .1rem 0 0; font-size: 1.5rem; font-weight: 600; line-height: 1.3; white-space: nowrap; }
dd small { display: block; font-size: .8rem; font-weight: 400; color: var(--faint); }
.pictures { columns: 24rem; column-gap: 1.75rem; }
figure { margin: 0 0 2rem; break-inside: avoid; }
figure img { display: block; width: 100%; height: auto; border-radius: .4rem; border: 1px solid var(--line); background: #fff; }
caption { text-align: left; padding: .6rem .9rem; color: var(--faint); }
figcaption { margin-top: .6rem; font-size: .9rem; color: var(--faint); }
.file { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; font-size: .8em; opacity: .8; white-space: nowrap; }
.scroll { overflow: auto; max-height: 34rem; border: 1px solid var(--line); border-radius: .6rem; }
table { border-collapse: separate; border-spacing: 0; width: 100%; font-size: .9rem; }
th, td { padding: .45rem .9rem; text-align: right; white-space: nowrap; font-weight: 400; }
thead th { background: var(--raised); color: var(--faint); vertical-align: bottom; }
thead tr:last-child th, thead th[rowspan] { border-bottom: 1px solid var(--line); }
thead { position: sticky; top: 0; }
.group { text-align: center; font-weight: 600; color: var(--ink); }
.group, .train, .test, .schedules, .time { border-left: 1px solid var(--line); }
tbody tr + tr > * { border-top: 1px solid var(--line); }
tbody th { color: var(--faint); }
.best .test { font-weight: 650; }
pre { margin: 0; padding: .9rem 1.1rem; overflow: auto; background: var(--raised); border-radius: .6rem; font: .85rem/1.55 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
.command { white-space: pre-wrap; overflow-wrap: anywhere; }
details { border: 1px solid var(--line); border-radius: .6rem; }
details + details { margin-top: .75rem; }
summary { padding: .7rem 1.1rem; cursor: pointer; font-weight: 600; }
summary:focus-visible { outline: 2px solid var(--accent); border-radius: .6rem; }
details pre { border-top: 1px solid var(--line); border-radius: 0 0 .6rem .6rem; max-height: 30rem; }
@media (max-width: 40rem) { body { padding: 1.75rem 1rem 3rem; } h1 { font-size: 1.4rem; } dd { font-size: 1.3rem; } .figures { grid-template-columns: repeat(2, 1fr); } .figures div:last-child:nth-child(odd) { grid-column: 1 / -1; } }
@media print { body { padding: 0; max-width: none; } .scroll { max-height: none; overflow: visible; } thead { position: static; } .figures { break-inside: avoid; } }
`;
