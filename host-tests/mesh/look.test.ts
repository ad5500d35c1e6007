import { type ChildProcess, spawn } from "node:child_process";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LineLog } from "../../scripts/envoy/index.ts";
import { meshwright } from "../doctor/cli.ts";
import { request } from "../envoy/request.ts";
import { findChromium } from "./chromium.ts";

const NASTY = `<img src=x onerror="document.title='owned'">`;
const executablePath = findChromium("nobody looks at the page of npm run demo -- --keep");

describe("npm run demo -- --keep", () => {
  const log = new LineLog();
  let demo: ChildProcess;
  let ended: Promise<number | null>;
  let pageUrl = "";
  let frontend = "";

  beforeAll(async () => {
    demo = spawn(process.execPath, ["dist/demo.js", "--keep"], { stdio: ["ignore", "pipe", "pipe"] });
    ended = new Promise(resolve => demo.once("close", resolve));
    demo.stdout?.on("data", log.sink());
    demo.stderr?.on("data", log.sink());
    pageUrl = /http\S+/.exec(await log.waitFor(/^ {2}page /, { timeoutMs: 120_000 }))?.[0] ?? "";
    frontend = /http\S+\/checkout/.exec(await log.waitFor(/curl .*\/checkout/))?.[0] ?? "";
  });
  // With a signal that lets it stop its Envoys.
  afterAll(async () => {
    demo.kill("SIGTERM");
    await ended;
  });

  it("runs three Envoys in which meshwright doctor finds nothing", async () => {
    const admins = log.lines.flatMap(line => /admin (http\S+)/.exec(line)?.[1] ?? []);
    expect(admins).toHaveLength(3);
    for (const admin of admins)
      expect(await meshwright(["doctor", "--admin", admin])).toMatchObject({ status: 0, out: `doctor: ${admin}: healthy\n` });
  });

  it("goes on after a path that is no URL", async () => {
    const { host, port } = new URL(pageUrl);
    const odd = await request({ host: "127.0.0.1", port: Number(port) }, { path: "//", headers: [["host", host]] });
    expect(odd.status).toBe(404);
    expect((await fetch(pageUrl)).status).toBe(200);
  });

  it("serves its page to nobody who calls it by another name", async () => {
    const answers = await Promise.all(["look.js", "uplot.js", "uplot.css"].map(name => fetch(pageUrl + name)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    const { port } = new URL(pageUrl);
    const other = await request({ host: "127.0.0.1", port: Number(port) }, { path: "/events", headers: [["host", "evil.example"]] });
    expect(other.status).toBe(403);
  });

  it.skipIf(!executablePath)("shows the trace as a waterfall, with attributes, log lines and requests by tenant", async () => {
    const browser: Browser = await chromium.launch({ executablePath: executablePath as string, args: ["--no-sandbox"] });
    try {
      const page: Page = await browser.newPage({ viewport: { width: 1440, height: 950 } });
      const complaints: string[] = [];
      page.on("console", message => {
        // Some ask for an icon, which there is none.
        if (!message.text().includes("favicon")) complaints.push(message.text());
      });
      page.on("pageerror", error => complaints.push(error.message));
      await page.goto(pageUrl);
      const texts = (selector: string): Promise<string[]> => page.locator(selector).allInnerTexts();
      const count = (selector: string): Promise<number> => page.locator(selector).count();

      // The four requests of the demo's own; that with the malformed traceparent has a hop less.
      await expect.poll(() => count("[data-trace]")).toBe(4);
      const headers = { "x-user-id": NASTY, "x-tenant-id": "initech" };
      expect((await fetch(frontend, { headers })).status).toBe(200);
      const own = "[data-trace]:has-text('initech')";
      await expect.poll(() => count(own)).toBe(1);
      await page.click(own);
      await expect.poll(() => count("[data-span]")).toBe(7);
      expect((await texts("[data-span] .name")).map(text => text.replace(/\s+/g, " ").trim())).toEqual([
        "frontend server GET /checkout",
        "frontend client GET /users/current",
        "user-service server GET /users/current",
        "user-service client GET /orders/last",
        "order-service server GET /orders/last",
        "frontend client GET /orders/today",
        "order-service server GET /orders/today",
      ]);
      // Each bar within its lane, the root's over all of it.
      const bars = await page
        .locator("[data-span] .lane > div")
        .evaluateAll(all => all.map(bar => bar.getBoundingClientRect().width / (bar.parentElement?.clientWidth ?? 0)));
      expect(bars[0]).toBeGreaterThan(0.98);
      expect(bars.filter(part => part <= 0 || part > 1.02)).toEqual([]);

      await page.locator("[data-span]").nth(4).click();
      const attributes = Object.fromEntries((await texts("#attributes > table tr")).map(text => text.split("\t")));
      expect(attributes).toMatchObject({ "tenant.id": "initech", "user.id": NASTY, "cluster.name": "cluster-b", "app.version": "v1.2.3" });
      await expect.poll(() => count("#log [data-log]")).toBe(7);
      const traceId = await page.locator("#waterfall h2 code").textContent();
      const [chosen = ""] = await texts("#log .own");
      expect(chosen).toContain("order-service ingress");
      expect(chosen).toContain(`"trace_id":"${traceId}"`);

      await expect.poll(() => texts("[data-tenant=initech] .number")).toEqual(["1", "0"]);
      expect(await count("#chart canvas")).toBe(1);
      // What a client sends is text, and the page's policy lets nothing else run.
      expect([await page.title(), await count("img"), complaints]).toEqual(["Meshwright: traces, logs and metrics", 0, []]);
    } finally {
      await browser.close();
    }
  });

  it("ends with Ctrl-C", async () => {
    demo.kill("SIGINT");
    expect(await ended).toBe(0);
  });
});
