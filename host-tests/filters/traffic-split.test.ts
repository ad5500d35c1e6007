import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import { DEFAULT_ENVOY_VERSION, type EchoedRequest } from "../envoy/index.ts";
import { describeEnvoy } from "../envoy/vitest.ts";
import { describeHosts, type HostResponse } from "../matrix.ts";
import { manyInTurn } from "./in-turn.ts";

const wasm = "build/traffic-split.wasm";
const TOKEN = "let me break it";
const VARIANTS = [
  { name: "stable", weight: 90, attributes: { canary: "false" } },
  { name: "canary", weight: 10, attributes: { canary: "true", "ui.version": "v2" } },
];
const FILTER = { name: "traffic-split", wasm };
const NAMES = ["variant", "experiment", "canary", "ui.version", "fault.injected"];

describeHosts("traffic-split", {}, host => {
  const start = async (config: object) => {
    const places = ["stable", "canary", "none"];
    const clusters = await Promise.all(
      places.map(async name => {
        const upstream = await host.upstream({
          respond: request => ({ headers: [["x-served-by", name]], body: Buffer.from(JSON.stringify(request)) }),
        });
        return { name, url: upstream.url };
      }),
    );
    const proxy = await host.start({
      clusters,
      listeners: [
        {
          name: "in",
          filters: [{ ...FILTER, config }],
          routes: [
            { header: { name: "x-variant", value: "stable" }, cluster: "stable" },
            { header: { name: "x-variant", value: "canary" }, cluster: "canary" },
            { cluster: "none" },
          ],
          accessLog: {
            json: {
              ...Object.fromEntries(NAMES.map(name => [name, `%FILTER_STATE(wasm.span.attributes.${name}:PLAIN)%`])),
            },
          },
        },
      ],
    });
    const send = (...headers: [string, string][]) => proxy.request("in", { headers });
    return { proxy, send };
  };
  /** What the upstream got in the route header, once it is clear that it was the variant's upstream. */
  const variantOf = (response: HostResponse) => {
    const { headers } = response.json<EchoedRequest>();
    const variants = headers.filter(([name]) => name === "x-variant").map(([, value]) => value);
    expect(response.header("x-served-by")).toBe(variants[0]);
    return variants;
  };

  it("routes by rules on header, cookie and query, before the weights", async () => {
    const rules = [
      { header: "x-canary", equals: "always", variant: "canary" },
      { header: "x-canary", equals: "never", variant: "stable" },
      { header: "user-agent", prefix: "TestBot/", variant: "canary" },
      { query: "variant" },
      { cookie: "pick" },
    ];
    const { send, proxy } = await start({ variants: [{ name: "stable" }, { name: "canary", weight: 0 }], rules });
    expect(variantOf(await send(["x-canary", "always"]))).toEqual(["canary"]);
    expect(variantOf(await send(["x-canary", "Always"]))).toEqual(["stable"]);
    expect(variantOf(await send(["user-agent", "TestBot/1"]))).toEqual(["canary"]);
    expect(variantOf(await send(["user-agent", "TestBot"]))).toEqual(["stable"]);
    expect(variantOf(await send(["cookie", "a=1; pick=canary"]))).toEqual(["canary"]);
    expect(variantOf(await send(["cookie", "a=1"], ["cookie", "pick=canary"]))).toEqual(["canary"]);
    expect(variantOf(await send(["cookie", "pick=nobody"]))).toEqual(["stable"]);
    const queried = await proxy.request("in", { path: "/p?variant=canary" });
    expect(variantOf(queried)).toEqual(["canary"]);
    expect(queried.header("x-served-by")).toBe("canary");
  });

  it("lets no client choose by the route header, and tells span and log what was chosen", async () => {
    const { send, proxy } = await start({ experiment: "checkout", variants: VARIANTS, rules: [{ header: "x-canary", variant: "canary" }] });
    expect(variantOf(await send(["x-variant", "stable"], ["x-variant", "other"], ["x-canary", "1"]))).toEqual(["canary"]);
    expect(await proxy.waitForAccessLog(1, "in")).toEqual([
      { variant: "canary", experiment: "checkout", canary: "true", "ui.version": "v2", "fault.injected": null },
    ]);
  });

  it("keeps a user with a variant, whatever else the request has", async () => {
    const { send } = await start({
      variants: [
        { name: "stable", weight: 1 },
        { name: "canary", weight: 1 },
      ],
    });
    const chosen = new Set<string>();
    for (let user = 0; user < 20; user++) {
      const [first] = variantOf(await send(["x-user-id", `user-${user}`]));
      expect(variantOf(await send(["x-other", "1"], ["x-user-id", `user-${user}`]))).toEqual([first]);
      chosen.add(first ?? "");
    }
    expect([...chosen].sort()).toEqual(["canary", "stable"]);
  });

  it("sets a cookie for who has none of the variant, and follows it until the variant's weight is 0", async () => {
    const cookie = { name: "split", max_age_s: 60, path: "/shop", secure: false };
    const both = [
      { name: "stable", weight: 1 },
      { name: "canary", weight: 1 },
    ];
    const { send, proxy } = await start({ variants: both, sticky: [], cookie });
    const first = await send();
    const [variant] = variantOf(first);
    expect(first.header("set-cookie")).toBe(`split=${variant}; Path=/shop; Max-Age=60; HttpOnly; SameSite=Lax`);
    for (let i = 0; i < 5; i++) {
      const again = await send(["cookie", `split=${variant}`]);
      expect(variantOf(again)).toEqual([variant]);
      expect(again.header("set-cookie")).toBeNull();
    }
    const other = variant === "stable" ? "canary" : "stable";
    const rolledBack = both.map(({ name }) => ({ name, weight: name === variant ? 0 : 1 }));
    const started = await start({ variants: rolledBack, sticky: [], cookie });
    const moved = await started.send(["cookie", `split=${variant}`]);
    expect(variantOf(moved)).toEqual([other]);
    expect(moved.header("set-cookie")).toMatch(new RegExp(`^split=${other};`));
    expect(await proxy.logs(/\[(error|critical)\]/)).toEqual([]);
  });

  it("breaks and delays a request for who has the token, and removes what asked for it for everybody", async () => {
    const fault = { tokens_sha256: [createHash("sha256").update(TOKEN).digest("hex")], max_delay_ms: 200 };
    const { send, proxy } = await start({ variants: [{ name: "stable" }], fault });
    const broken = await send(["x-test-fault", "abort=503"], ["x-test-token", TOKEN]);
    expect(broken.status).toBe(503);
    expect(broken.body).toBe("fault injected by a test\n");
    const upstream = (response: HostResponse) => response.json<EchoedRequest>().headers.map(([name]) => name);
    for (const token of ["", "Let me break it", "let me"]) {
      const passed = await send(["x-test-fault", "abort=503"], ["x-test-token", token]);
      expect(passed.status).toBe(200);
      expect(upstream(passed)).not.toContain("x-test-fault");
    }
    const alone = await send(["x-test-fault", "abort=503"]);
    expect(alone.status).toBe(200);
    expect(upstream(alone)).not.toContain("x-test-fault");
    for (const rubbish of ["abort=200", "abort=600", "abort", "delay=-1ms", "delay=1", "delay=1234567ms", "abort=503,x", "", ","]) {
      const passed = await send(["x-test-fault", rubbish], ["x-test-token", TOKEN]);
      expect(passed.status).toBe(200);
      expect(upstream(passed)).not.toContain("x-test-token");
    }
    const late = proxy.request("in", {
      headers: [
        ["x-test-fault", "delay=100ms"],
        ["x-test-token", TOKEN],
      ],
    });
    await proxy.pass(150);
    expect((await late).status).toBe(200);
    const both = proxy.request("in", {
      headers: [
        ["x-test-fault", "delay=60s, abort=429"],
        ["x-test-token", TOKEN],
      ],
    });
    // Cut to the limit of the configuration.
    await proxy.pass(300);
    expect((await both).status).toBe(429);
    // One line for each request above; Envoy writes them a moment after the answers.
    const log = await proxy.waitForAccessLog(16, "in");
    expect(log.map(line => line["fault.injected"]).filter(text => text !== null)).toEqual([
      "abort=503",
      "delay=100ms",
      "delay=60s, abort=429",
    ]);
  });

  it("refuses what it does not understand", async () => {
    const refused = (config: object) => expect(start(config)).rejects;
    await refused({}).toThrow(/traffic-split: variants: expected an array of variants, found nothing/);
    await refused({ variants: [] }).toThrow(/traffic-split: variants: expected 1 to 32 variants, found 0/);
    await refused({ variants: [{ name: "a", weight: 0 }] }).toThrow(/traffic-split: variants: expected a weight above 0, found none/);
    await refused({ variants: [{ name: "a" }, { name: "a" }] }).toThrow(
      /traffic-split: variants\[1\]\.name: there are two variants "a"; rename one/,
    );
    await refused({ variants: [{ name: "a" }], rules: [{ header: "x", variant: "b" }] }).toThrow(
      /traffic-split: rules\[0\]\.variant: expected the name of a variant, found string "b"/,
    );
    await refused({ variants: [{ name: "a" }], fault: {} }).toThrow(
      /traffic-split: fault\.tokens_sha256: expected at least one SHA-256 digest of a token, found nothing/,
    );
    await refused({ variants: [{ name: "a" }], fault: { tokens_sha256: ["secret"] } }).toThrow(
      /traffic-split: fault\.tokens_sha256\[0\]: expected 64 hexadecimal digits, found string "secret"/,
    );
  });
});

const USERS = 100_000;

describeEnvoy("traffic-split with many users", { versions: [DEFAULT_ENVOY_VERSION] }, envoy => {
  it(`sends ${USERS} users to clusters within 1 % of the weights, and moves only whom it must`, async () => {
    const spec = (canary: number) => ({
      listeners: [
        {
          name: "in",
          filters: [
            {
              ...FILTER,
              config: {
                variants: [
                  { name: "stable", weight: 100 - canary },
                  { name: "canary", weight: canary },
                ],
              },
            },
          ],
          routes: [
            {
              header: { name: "x-variant", value: "canary" },
              response: { status: 200, body: "ok" },
              route: { name: "c", response_headers_to_add: ADD },
            },
            { response: { status: 200, body: "ok" } },
          ],
        },
      ],
    });
    const ADD = [{ header: { key: "x-routed-to", value: "canary" } }];
    const canaries = async (share: number): Promise<Set<number>> => {
      const proxy = await envoy.start({ concurrency: 2, config: spec(share) });
      const found = new Set<number>();
      const answered = (head: string, n: number): void => {
        if (head.includes("x-routed-to: canary")) found.add(n);
      };
      expect(await manyInTurn(proxy.address("in"), USERS, 40, n => `x-user-id: user-${n}\r\n`, answered)).toBe(USERS);
      return found;
    };
    const [ten, twenty] = [await canaries(10), await canaries(20)];
    expect(Math.abs(ten.size / USERS - 0.1)).toBeLessThan(0.01);
    expect(Math.abs(twenty.size / USERS - 0.2)).toBeLessThan(0.01);
    // Nobody of the first 10 % leaves the canary when it grows.
    expect([...ten].filter(user => !twenty.has(user))).toEqual([]);
  }, 600_000);
});
