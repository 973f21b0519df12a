/**
 * The one style sheet of all pages: light and dark by the reader's preference, system fonts only.
 */
export const pageStyle: string = `
:root {
  color-scheme: light dark;
  --page: #f7f7f5; --surface: #ffffff; --ink: #1b1e23; --muted: #646b76; --line: #e3e4e2; --grid: #ececea;
  --healed: #0b7a6f; --unhealed: #cf4a1f; --no-fault: #9aa0a8; --fault: #cf4a1f; --incident: #b7791f;
  --diagnosis: #5b50d6; --suspect: #f2a93b; --good: #0b7a6f; --bad: #c0341d;
  --healed-wash: #0b7a6f2e; --unhealed-wash: #cf4a1f1f; --good-wash: #e3f3ef; --bad-wash: #fbe9e4;
  --db: #b7791f; --external: #5b50d6; --cpu: #2f6fd0; --client: #a9b4c2; --server: #6f7f94; --code: #f1f1ee;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #0f1115; --surface: #171a20; --ink: #e7e9ec; --muted: #98a1ad; --line: #292e37; --grid: #22262e;
    --healed: #3cc7b5; --unhealed: #ff8358; --no-fault: #6d7682; --fault: #ff8358; --incident: #e9b44c;
    --diagnosis: #a49cff; --suspect: #c98a2b; --good: #3cc7b5; --bad: #ff8a6b;
    --healed-wash: #3cc7b533; --unhealed-wash: #ff835826; --good-wash: #12302d; --bad-wash: #3a1d15;
    --db: #e9b44c; --external: #a49cff; --cpu: #6aa5ff; --client: #4d5865; --server: #7d8b9c; --code: #1f232b;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; scroll-behavior: smooth; }
body {
  margin: 0; background: var(--page); color: var(--ink);
  font: 15px/1.55 ui-sans-serif, system-ui, "Segoe UI", Roboto, Helvetica, Arial, sans-serif;
}
main, header.top, nav, footer { max-width: 1140px; margin: 0 auto; padding: 0 24px; }
header.top { padding-top: 40px; }
.brand { display: flex; gap: 10px; align-items: center; font-size: 13px; color: var(--muted); }
.brand b { color: var(--ink); letter-spacing: 0.01em; }
.brand svg { width: 18px; height: 18px; fill: var(--fault); }
h1 { font-size: 30px; line-height: 1.2; font-weight: 650; letter-spacing: -0.018em; margin: 18px 0 6px; text-wrap: balance; }
h2 { font-size: 19px; font-weight: 640; letter-spacing: -0.01em; margin: 0 0 4px; }
h3 { font-size: 14px; font-weight: 620; margin: 22px 0 8px; }
p { margin: 0 0 10px; max-width: 88ch; text-wrap: pretty; }
.lead { color: var(--muted); font-size: 16px; margin-bottom: 14px; }
.quiet { color: var(--muted); }
.chips { display: flex; flex-wrap: wrap; gap: 6px; margin: 0 0 22px; padding: 0; list-style: none; }
.chips li { font-size: 12.5px; color: var(--muted); border: 1px solid var(--line); border-radius: 99px; padding: 2px 10px; background: var(--surface); }
.chips b { color: var(--ink); font-weight: 560; }
.verdict { display: flex; flex-wrap: wrap; gap: 4px 14px; align-items: baseline; border-radius: 12px; padding: 14px 18px; margin-bottom: 14px; }
.verdict.good { background: var(--good-wash); } .verdict.bad { background: var(--bad-wash); }
.verdict ul { display: flex; flex-wrap: wrap; gap: 2px 26px; list-style: none; margin: 4px 0 0; padding: 8px 0 0; width: 100%; font-size: 13.5px; border-top: 1px solid color-mix(in srgb, var(--muted) 22%, transparent); }
.verdict strong { font-size: 18px; font-weight: 660; }
.verdict.good strong { color: var(--good); } .verdict.bad strong { color: var(--bad); }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(158px, 1fr)); gap: 12px; margin: 0 0 18px; }
.tile { background: var(--surface); border: 1px solid var(--line); border-radius: 12px; padding: 14px 16px; min-width: 0; }
.tile .label { font-size: 12.5px; color: var(--muted); }
.tile .value { font-size: 24px; line-height: 1.25; font-weight: 620; letter-spacing: -0.015em; margin: 2px 0; overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
.tile .value.long { font-size: 17px; line-height: 1.75; }
.tile .beside { font-size: 12.5px; color: var(--muted); }
nav { position: sticky; top: 0; z-index: 5; background: var(--page); border-bottom: 1px solid var(--line); }
nav ul { display: flex; gap: 20px; margin: 0; padding: 10px 0; list-style: none; overflow-x: auto; font-size: 13.5px; white-space: nowrap; }
nav a { color: var(--muted); text-decoration: none; } nav a:hover { color: var(--ink); }
section { background: var(--surface); border: 1px solid var(--line); border-radius: 14px; padding: 22px 24px; margin: 18px 0; scroll-margin-top: 52px; }
section > p:first-of-type { color: var(--muted); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 13.5px; font-variant-numeric: tabular-nums; }
th { text-align: left; font-weight: 560; font-size: 12.5px; color: var(--muted); }
th, td { padding: 7px 14px 7px 0; border-bottom: 1px solid var(--line); vertical-align: top; overflow-wrap: break-word; }
th:last-child, td:last-child { padding-right: 0; }
tbody tr:last-child td, tbody tr:last-child th { border-bottom: 0; }
td.num, th.num { text-align: right; white-space: nowrap; overflow-wrap: normal; }
td.id, td.nowrap { white-space: nowrap; overflow-wrap: normal; }
td.why { min-width: 240px; } td .interval { display: block; color: var(--muted); font-size: 12px; font-weight: 400; white-space: nowrap; } tr.total td { border-top: 2px solid var(--line); font-weight: 600; }
td.mono { overflow-wrap: anywhere; } code, .mono { font-family: ui-monospace, "SF Mono", SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace; font-size: 12.5px; }
.mark { font-weight: 600; white-space: nowrap; }
.mark.good { color: var(--good); } .mark.bad { color: var(--bad); }
.kind { display: inline-block; min-width: 84px; font-weight: 560; }
.kind.injected, .kind.onset { color: var(--fault); } .kind.detected, .kind.incident { color: var(--incident); }
.kind.diagnosed { color: var(--diagnosis); } .kind.acted, .kind.recovered { color: var(--healed); }
.kind.closed, .kind.rolled.back, .kind.refused { color: var(--muted); }
.bar { display: block; height: 10px; min-width: 2px; border-radius: 4px; background: var(--incident); }
.bar.suspect { background: var(--suspect); }
td.bar-cell { width: 24%; min-width: 90px; padding-top: 13px; }
.split { display: grid; grid-template-columns: repeat(auto-fit, minmax(420px, 1fr)); gap: 10px 36px; align-items: center; }
.split > div { min-width: 0; }
.chart { width: 100%; } .chart-head { display: flex; justify-content: flex-end; gap: 6px; margin: 4px 0 8px; } .chart-head:empty { display: none; }
.fields { columns: 300px 3; column-gap: 40px; } .fields > div { break-inside: avoid; padding-bottom: 6px; } .fields h3 { margin: 0 0 4px; padding-top: 8px; }
.fields td { padding: 4px 0; }
.heat { columns: 440px 2; } .heat table { table-layout: fixed; } .heat th.num { width: 74px; }
.heat td { padding: 3px 0 3px 6px; border: 2px solid var(--surface); line-height: 1.25; font-size: 12.5px; } .heat td:first-child { padding-left: 0; } .heat td .quiet { display: block; font-size: 11.5px; }
.heat th { padding: 6px 6px 2px 0; vertical-align: bottom; } .heat td.cell { padding: 3px 6px; border-radius: 6px; background: color-mix(in srgb, var(--good) calc(var(--heat) * 46%), color-mix(in srgb, var(--bad) calc((1 - var(--heat)) * 46%), var(--surface))); }
button { font: inherit; font-size: 12.5px; color: var(--muted); background: none; border: 1px solid var(--line); border-radius: 8px; padding: 3px 11px; cursor: pointer; }
button:hover, button[aria-pressed="true"] { color: var(--ink); border-color: var(--muted); }
button:focus-visible, a:focus-visible { outline: 2px solid var(--diagnosis); outline-offset: 2px; }
.incident { border-top: 1px solid var(--line); padding: 14px 0 4px; } .incident:first-of-type { border-top: 0; }
.incident ul { list-style: none; margin: 8px 0; padding: 0; }
.incident h3 { margin: 0 0 2px; }
.lines { list-style: none; margin: 0; padding: 0; } .lines li { padding: 5px 0; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
.lines li:last-child { border-bottom: 0; }
.copy { position: relative; background: var(--code); border-radius: 10px; padding: 14px 16px; margin: 10px 0 18px; }
.copy pre { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; padding-right: 76px; }
.copy button { position: absolute; top: 9px; right: 10px; background: var(--surface); }
svg.graph, svg.waterfall { width: 100%; height: auto; min-width: 820px; display: block; margin: 10px 0; }
svg text { fill: var(--ink); font-size: 12.5px; }
svg .name { font-weight: 580; } svg .note, svg .small { fill: var(--muted); font-size: 11px; }
svg .weight { font-size: 11.5px; font-weight: 600; text-anchor: end; } svg .small { text-anchor: middle; }
svg .box, svg .zone, svg .chip {
  fill: color-mix(in srgb, var(--suspect) calc(var(--heat) * 62%), var(--surface));
  stroke: color-mix(in srgb, var(--muted) 38%, var(--surface)); stroke-width: 1;
}
svg .zone { fill: color-mix(in srgb, var(--suspect) calc(var(--heat) * 40%), var(--page)); }
svg .root { stroke: var(--fault); stroke-width: 2.5; } svg .hit { fill: var(--fault); }
svg .edge { fill: none; stroke: color-mix(in srgb, var(--muted) 50%, var(--surface)); stroke-width: 1.25; }
svg .edge.hot { stroke: var(--suspect); stroke-width: 2.5; } svg .edge.root { stroke: var(--fault); stroke-width: 3; }
.key { display: flex; flex-wrap: wrap; gap: 4px 20px; font-size: 12.5px; color: var(--muted); margin: 6px 0 0; padding: 0; list-style: none; }
.key li { display: flex; gap: 7px; align-items: center; } .key i { width: 14px; height: 10px; border-radius: 3px; display: inline-block; }
.key i.root { border: 2px solid var(--fault); } .key i.hit { width: 8px; height: 8px; border-radius: 50%; background: var(--fault); }
.key i.heat { width: 46px; background: linear-gradient(90deg, var(--surface), var(--suspect)); border: 1px solid var(--line); }
.key i.db { background: var(--db); } .key i.external { background: var(--external); } .key i.cpu { background: var(--cpu); }
.key i.client { background: var(--client); } .key i.server { background: var(--server); } .key i.failed { border: 2px solid var(--bad); }
svg .tick { stroke: var(--grid); } svg .stripe { fill: var(--page); opacity: 0.6; }
svg .span-label { fill: var(--muted); font-size: 12px; } svg .span-label .service { fill: var(--ink); font-weight: 560; }
svg .span-time { fill: var(--muted); font-size: 11px; } svg .span-time.failed { fill: var(--bad); }
svg .span.db { fill: var(--db); } svg .span.external { fill: var(--external); } svg .span.cpu { fill: var(--cpu); }
svg .span.client { fill: var(--client); } svg .span.server { fill: var(--server); }
svg .span.failed { stroke: var(--bad); stroke-width: 1.5; }
footer { color: var(--muted); font-size: 12.5px; padding-top: 8px; padding-bottom: 48px; }
@media (max-width: 600px) { .split { grid-template-columns: 1fr; } section { padding: 18px 16px; } main, header.top, nav, footer { padding-left: 14px; padding-right: 14px; } h1 { font-size: 25px; } }
@media print { nav, button { display: none; } section { break-inside: avoid; } }
`.trim();
