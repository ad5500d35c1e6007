const STYLE = `
  :root {
    color-scheme: light dark;
    --back: light-dark(#f6f7f9, #14171c); --card: light-dark(#fff, #1c2027); --line: light-dark(#e1e5ea, #2c323b);
    --text: light-dark(#1b2027, #e4e7eb); --dim: light-dark(#667080, #8d97a5); --chosen: light-dark(#eef3fd, #243047); --bad: light-dark(#c92a35, #ff7b83);
    font: 14px/1.45 system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; color: var(--text); background: var(--back);
  }
  * { box-sizing: border-box; }
  body { margin: 0; height: 100vh; display: grid; grid-template: auto 1fr / 330px 1fr; }
  header { grid-column: 1 / 3; display: flex; gap: 1.2rem; align-items: baseline; padding: .65rem 1rem; background: var(--card); border-bottom: 1px solid var(--line); }
  h1 { font-size: 1rem; margin: 0; white-space: nowrap; } h2 { font-size: .78rem; letter-spacing: .05em; text-transform: uppercase; color: var(--dim); margin: 0 0 .6rem; font-weight: 600; }
  code, .mono { font: 12px/1.5 ui-monospace, "DejaVu Sans Mono", monospace; }
  h2 code { text-transform: none; letter-spacing: 0; color: var(--text); }
  header code { color: var(--dim); overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
  nav { overflow: auto; border-right: 1px solid var(--line); background: var(--card); }
  main { overflow: auto; padding: 1rem; display: grid; gap: 1rem; align-content: start; }
  section { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: .9rem 1rem; min-width: 0; }
  .pair { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); gap: 1rem; }
  @media (max-width: 1100px) { .pair { grid-template-columns: minmax(0, 1fr); } }
  .dim { color: var(--dim); } .bad { color: var(--bad); }
  nav button { all: unset; box-sizing: border-box; display: grid; grid-template-columns: 1fr auto; gap: .1rem .6rem; width: 100%; padding: .55rem 1rem; border-bottom: 1px solid var(--line); cursor: pointer; }
  nav button:hover, .row:hover { background: var(--chosen); } nav button[aria-current="true"], .row[aria-selected="true"] { background: var(--chosen); }
  button:focus-visible, .row:focus-visible { outline: 2px solid #3b82f6; outline-offset: -2px; }
  nav b { font-weight: 600; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
  .chip { display: inline-block; padding: 0 .5em; border-radius: 99px; border: 1px solid var(--line); font-size: 12px; margin-right: .3em; }
  .row { display: grid; grid-template-columns: minmax(16rem, 34%) 1fr; gap: .8rem; align-items: center; padding: .22rem .4rem; border-radius: 5px; cursor: pointer; }
  .name { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; } i { display: inline-block; width: .65em; height: .65em; border-radius: 3px; margin-right: .5em; }
  .lane { position: relative; height: 1.35rem; background: linear-gradient(90deg, var(--line) 1px, transparent 1px) 0 0 / 25% 100%; border-right: 1px solid var(--line); }
  .lane > div { position: absolute; top: .2rem; bottom: .2rem; min-width: 3px; border-radius: 4px; }
  .lane > span { position: absolute; top: .05rem; font-size: 12px; color: var(--dim); white-space: nowrap; padding: 0 .4em; }
  .scale { display: grid; grid-template-columns: minmax(16rem, 34%) 1fr; gap: .8rem; padding: 0 .4rem .2rem; } .scale > div { display: flex; justify-content: space-between; font-size: 12px; color: var(--dim); }
  table { border-collapse: collapse; width: 100%; } td, th { text-align: left; padding: .22rem .6rem .22rem 0; vertical-align: top; overflow-wrap: anywhere; } th { font-weight: 500; color: var(--dim); white-space: nowrap; }
  tr + tr td, tr + tr th { border-top: 1px solid var(--line); } td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
  details > summary { cursor: pointer; }
  .more > summary { color: var(--dim); margin-top: .5rem; }
  .log { padding: .2rem .4rem; border-radius: 5px; } .log.own { background: var(--chosen); } .log b { display: inline-block; min-width: 13rem; font-weight: 600; } .log p { margin: .2rem 0 .3rem 1.1rem; color: var(--dim); overflow-wrap: anywhere; }`;

/** The page; what stands on it the script puts there. Everything that runs carries the nonce. */
export function page(nonce: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Meshwright: traces, logs and metrics</title>
<link rel="stylesheet" href="/uplot.css" nonce="${nonce}"><style nonce="${nonce}">${STYLE}</style>
<script type="importmap" nonce="${nonce}">{ "imports": { "uplot": "/uplot.js" } }</script>
<script type="module" src="/look.js" nonce="${nonce}"></script>
</head>
<body>
<header><h1>Meshwright demo</h1><span id="services"></span><code id="hint"></code></header>
<nav id="traces" aria-label="Traces"></nav>
<main>
<section id="waterfall"></section>
<div class="pair"><section id="attributes"></section><section><h2>Requests by tenant</h2><div id="chart"></div><div id="totals"></div></section></div>
<section id="log"></section>
</main>
</body>
</html>
`;
}
