import { copyFile, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { type ClientRequest, get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createContext, runInContext } from "node:vm";
import { describe, expect, it, onTestFinished } from "vitest";
import { html } from "../../scripts/dev/html.ts";
import { logFragment, type PageServer, requestFragment, startDev, startPageServer } from "../../scripts/dev/index.ts";
import { findWatched, type LiveEvent, type RequestReport } from "../../scripts/run/index.ts";
import { request } from "../envoy/index.ts";
import { buildVersioned } from "../reload/modules.ts";

const NASTY = `<img src=x onerror="alert('1')">&`;
const SAFE = "&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;&amp;";

const SPAN = {
  traceId: "4bf92f3577b34da6a3ce929d0e0e4736",
  spanId: "00f067aa0ba902b7",
  parentSpanId: "",
  name: "ingress",
  kind: "SERVER",
  attributes: { "user.id": NASTY, "http.method": "GET" },
} as unknown as RequestReport["spans"][number];

const REPORT: RequestReport = {
  id: "1",
  method: "GET",
  path: NASTY,
  status: 200,
  details: "via_upstream",
  ms: 3,
  upstream: { added: [["x-added", NASTY]], removed: [["x-removed", "v"]] },
  spans: [SPAN],
};

describe("what the page shows", () => {
  it("of a request: status, what the filter changed, its attributes before Envoy's", () => {
    const { text } = requestFragment(REPORT);
    expect(text).toContain('<b class="good">200</b> GET');
    expect(text).toMatch(/upstream got<\/dt><dd><code>x-added<\/code>.*and not<\/dt><dd><code>x-removed<\/code> v/);
    expect(text).toMatch(/<code>user\.id<\/code>.*<details>.*<code>http\.method<\/code> GET/);
    expect(requestFragment({ ...REPORT, status: 503, spans: [] }).text).toMatch(/class="bad">503.*not sampled/);
  });

  it("has nothing in it that a header, a path or a log line could bring to life", () => {
    for (const { text } of [requestFragment(REPORT), logFragment({ level: "info", text: NASTY, source: [NASTY] })]) {
      expect(text).toContain(SAFE);
      expect(text).not.toContain("<img");
    }
    expect(requestFragment(REPORT).text.split(SAFE)).toHaveLength(4);
  });
});

describe("the page's server", () => {
  async function start(): Promise<PageServer> {
    const server = await startPageServer();
    onTestFinished(() => server.stop());
    return server;
  }

  it("serves a page in which only its own script and style run", async () => {
    const { url } = await start();
    const { header, body } = await ask(url);
    const nonce = /script-src 'nonce-([^']+)'/.exec(header("content-security-policy") ?? "")?.[1];
    expect(header("content-security-policy")).toMatch(/^default-src 'none';/);
    expect([...body.matchAll(/<(?:script|style)[^>]*>/g)].map(([tag]) => tag)).toEqual([
      `<style nonce="${nonce}">`,
      `<script nonce="${nonce}">`,
    ]);
    expect((await ask(url)).header("content-security-policy")).not.toContain(nonce);
  });

  it("answers neither other hosts nor other methods nor other paths", async () => {
    const { url } = await start();
    expect((await ask(url, [["host", "attacker.example"]])).status).toBe(403);
    expect((await ask(url, [["host", `localhost:${new URL(url).port}`]])).status).toBe(200);
    expect((await ask(`${url}nothing`)).status).toBe(404);
    const { hostname: host, port } = new URL(url);
    expect((await request({ host, port: Number(port) }, { method: "POST" })).status).toBe(405);
  });

  it("sends what was to be seen so far, the last status only, and then what comes", async () => {
    const server = await start();
    server.send("status", html`old`);
    server.send("request", html`first`);
    server.send("status", html`new`);
    const feed = follow(server.url);
    await expect.poll(feed.events).toEqual(["request first", "status new"]);
    server.send("log", html`${"two\nlines"}`);
    await expect.poll(feed.events).toEqual(["request first", "status new", "log two\nlines"]);
    for (let i = 0; i < 250; i++) server.send("request", html`${i}`);
    const later = follow(server.url);
    await expect.poll(() => later.events().at(-1)).toBe("request 249");
    expect(later.events()).toHaveLength(202);
  });

  it("has a script that shows each channel in its place", async () => {
    const { url } = await start();
    const script = /<script[^>]*>([\s\S]*)<\/script>/.exec((await ask(url)).body)?.[1] ?? "";
    const { shown, emit } = browser(script);
    emit("open");
    emit("status", '"<b>s</b>"');
    emit("request", '"<p>r</p>"');
    emit("log", '"<p>l</p>"');
    expect(shown).toEqual([
      "requests cleared",
      "log cleared",
      "status = <b>s</b>",
      "requests afterbegin <p>r</p>",
      "log beforeend <p>l</p>",
    ]);
  });
});

describe("meshwright dev", () => {
  it("shows requests, the filter's log and refusals of a running Envoy", async () => {
    const folder = await mkdtemp(join(tmpdir(), "meshwright-dev-"));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const wasm = join(folder, "versioned.wasm");
    const config = join(folder, "config.json");
    await copyFile(await buildVersioned(), wasm);
    await writeFile(config, '{"version": "1"}');
    let url = "";
    let started: (event: LiveEvent) => void = () => {};
    const start = new Promise<LiveEvent>(resolve => {
      started = resolve;
    });
    const live = await startDev({
      watched: findWatched(wasm, [folder], true),
      config,
      envoyVersion: "1.40.0",
      spanPatienceMs: 60_000,
      onPage: page => {
        url = page;
      },
      onEvent: event => started(event),
      onRequest: () => {},
      onFilterLine: () => {},
    });
    onTestFinished(() => live.stop());
    const event = await start;
    if (event.kind !== "started") throw new Error(`not started: ${JSON.stringify(event)}`);
    const feed = follow(url);
    const { hostname: host, port } = new URL(event.session.url);
    await request({ host, port: Number(port) }, { path: "/cart" });
    await expect.poll(() => feed.events().find(text => text.startsWith("request"))).toMatch(/200<\/b> GET \/cart.*span SERVER/);
    await writeFile(`${config}.new`, '{"versoin": "2"}');
    await rename(`${config}.new`, config);
    await expect.poll(() => feed.events().at(-1)).toMatch(/^log .*refused configuration: versioned: versoin: unknown key/);
    expect(feed.events().findLast(text => text.startsWith("status"))).toContain("not up to date");
  });
});

function ask(url: string, headers: [string, string][] = []) {
  const { hostname: host, port, pathname: path } = new URL(url);
  return request({ host, port: Number(port) }, { path, headers });
}

/** What a browser hears, as "channel data". */
function follow(url: string): { events(): string[] } {
  let text = "";
  const feed: ClientRequest = get(`${url}events`, { agent: false }, response => {
    response.setEncoding("utf8");
    response.on("data", (chunk: string) => {
      text += chunk;
    });
    response.on("error", () => {});
  });
  feed.on("error", () => {});
  onTestFinished(() => {
    feed.destroy();
  });
  return {
    events: () => [...text.matchAll(/^event: (.*)\ndata: (.*)\n\n/gm)].map(([, channel, data]) => `${channel} ${JSON.parse(data ?? "")}`),
  };
}

/** As much of a browser as the script needs; what it does with the page, in words. */
function browser(script: string) {
  const shown: string[] = [];
  const element = (id: string): object => ({
    children: [],
    lastElementChild: { scrollIntoView: () => {} },
    replaceChildren: () => shown.push(`${id} cleared`),
    insertAdjacentHTML: (where: string, text: string) => shown.push(`${id} ${where} ${text}`),
    set innerHTML(text: string) {
      shown.push(`${id} = ${text}`);
    },
  });
  const listeners = new Map<string, (event: { data: string }) => void>();
  class EventSource {
    onopen: () => void = () => {};
    addEventListener(name: string, listener: (event: { data: string }) => void): void {
      listeners.set(name, listener);
    }
    constructor() {
      listeners.set("open", () => this.onopen());
    }
  }
  runInContext(script, createContext({ document: { getElementById: element }, EventSource }));
  return { shown, emit: (name: string, data = "") => listeners.get(name)?.({ data }) };
}
