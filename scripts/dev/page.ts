const STYLE = `
  :root { color-scheme: light dark; font: 14px/1.45 system-ui, sans-serif; --line: color-mix(in srgb, currentColor 18%, transparent); }
  body { margin: 0; display: grid; grid-template: auto 1fr / 3fr 2fr; height: 100vh; }
  header { grid-column: 1 / 3; padding: .7rem 1rem; border-bottom: 1px solid var(--line); white-space: pre-wrap; }
  section { overflow: auto; padding: 0 1rem 1rem; }
  section + section { border-left: 1px solid var(--line); }
  h2 { font-size: 1rem; position: sticky; top: 0; margin: 0; padding: .6rem 0; background: Canvas; }
  h3 { font-size: 1rem; font-weight: 500; margin: 0; }
  article { border-top: 1px solid var(--line); padding: .6rem 0; }
  article p { margin: .2rem 0 0 1rem; }
  dl { margin: .2rem 0 0 1rem; } dd { margin: 0; } dd code { font-weight: 600; margin-right: .4rem; } dd, h3 { overflow-wrap: anywhere; }
  details { margin: .2rem 0 0 1rem; } summary { opacity: .6; }
  #log p { margin: 0; font: 12px/1.5 ui-monospace, monospace; white-space: pre-wrap; overflow-wrap: anywhere; }
  #log .event { margin: .4rem 0; padding-left: .5rem; border-left: 3px solid; } .source { display: block; padding-left: 2rem; }
  .good { color: #1a7f37; } .odd { color: #9a6700; } .bad { color: #cf222e; } .dim { opacity: .6; font-weight: 400; }`;

/** Shows what comes; what it looks like has been decided on the other side. */
const SCRIPT = `
  const at = id => document.getElementById(id);
  const feed = new EventSource("events");
  const on = (name, show) => feed.addEventListener(name, ({ data }) => show(JSON.parse(data)));
  const limit = (list, count, end) => { while (list.children.length > count) list[end].remove(); };
  feed.onopen = () => { at("requests").replaceChildren(); at("log").replaceChildren(); };
  feed.onerror = () => { at("status").textContent = "meshwright dev has ended, or is starting again"; };
  on("status", html => { at("status").innerHTML = html; });
  on("request", html => { at("requests").insertAdjacentHTML("afterbegin", html); limit(at("requests"), 200, "lastElementChild"); });
  on("log", html => { at("log").insertAdjacentHTML("beforeend", html); limit(at("log"), 1000, "firstElementChild"); at("log").lastElementChild.scrollIntoView(); });`;

/** The page. Its own style and script carry the nonce, and nothing else runs: whatever a header or a log line brings along is text. */
export function page(nonce: string): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>meshwright dev</title><style nonce="${nonce}">${STYLE}</style></head>
<body>
<header id="status"></header>
<section><h2>Requests</h2><div id="requests"></div></section>
<section><h2>Log and reloads</h2><div id="log"></div></section>
<script nonce="${nonce}">${SCRIPT}</script>
</body>
</html>
`;
}
