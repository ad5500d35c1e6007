/**
 * Matchers that read well in scenarios; importing this file adds them to vitest's `expect`:
 *
 *   expect(response).toHaveHeader("x-user", "u42")            headers of a response, or of the request that the upstream got
 *   expect(response).toHaveSpanAttribute("user.id", "u42")
 *   expect(host).toHaveLogged(/refused/, "error")
 *   await expect(proxy).toHaveLogged(/refused/)             of a scenario's host, which is asked for its log
 *   await expect(host).toHaveMetric("requests", 3)
 */
import { expect } from "vitest";
import { metricName } from "./matrix/metric-name.ts";

type Pairs = readonly (readonly [name: string, value: string])[];

declare module "vitest" {
  // biome-ignore lint/suspicious/noExplicitAny: the parameter has to be vitest's
  interface Matchers<T = any> {
    /** Has a header of that name, with that value or one that matches. */
    toHaveHeader(name: string, value?: string | RegExp): T;
    /** A filter has set that attribute on the span of the request. */
    toHaveSpanAttribute(name: string, value?: string | RegExp): T;
    /** The host's log has a line that matches, of that level when it is given. Of a scenario's host or a real Envoy it is asked for: await it. */
    toHaveLogged(pattern: RegExp | string, level?: Level): T;
    /**
     * A filter's metric, by the name that the filter gave it, and of a family the labels in their order. Of a scenario's host it is asked for:
     * await it.
     */
    toHaveMetric(name: string, value?: number, labels?: Readonly<Record<string, string>>): T;
  }
}

type Level = "trace" | "debug" | "info" | "warning" | "error" | "critical";

const matches = (is: string, wanted: string | RegExp | undefined): boolean =>
  wanted === undefined || (typeof wanted === "string" ? is === wanted : wanted.test(is));

const shown = (wanted: string | RegExp | undefined): string =>
  wanted === undefined ? "" : ` with ${typeof wanted === "string" ? JSON.stringify(wanted) : wanted}`;

expect.extend({
  toHaveHeader(received: Pairs | { headers: Pairs } | null | undefined, name: string, wanted?: string | RegExp) {
    // Not even "no such header" holds of what is not there.
    if (received == null) {
      const message = (): string =>
        `expected a request or a response to look for the header ${name} in, found ${received}; did a request reach the upstream?`;
      return { pass: this.isNot, message };
    }
    const pairs = Array.isArray(received) ? (received as Pairs) : (received as { headers: Pairs }).headers;
    const values = pairs.filter(([key]) => key.toLowerCase() === name.toLowerCase()).map(([, value]) => value);
    return {
      pass: values.some(value => matches(value, wanted)),
      message: () => {
        const found =
          values.length > 0
            ? `its values are ${JSON.stringify(values)}`
            : `there is ${pairs.map(([key]) => key).join(", ") || "no header"}`;
        return `expected ${this.isNot ? "no" : "a"} header ${name}${shown(wanted)}; ${found}`;
      },
    };
  },

  toHaveSpanAttribute(received: { spanAttributes: Readonly<Record<string, string | null>> }, name: string, wanted?: string | RegExp) {
    const { spanAttributes } = received;
    const value = spanAttributes[name] ?? null;
    return {
      pass: value !== null && matches(value, wanted),
      message: () => {
        const known = Object.entries(spanAttributes).filter(([, each]) => each !== null);
        const hint = name in spanAttributes || known.length > 0 ? "" : `; on the real Envoy, list it in the listener's spanAttributes`;
        return `expected ${this.isNot ? "no" : "a"} span attribute ${name}${shown(wanted)}; there is ${JSON.stringify(Object.fromEntries(known))}${hint}`;
      },
    };
  },

  toHaveLogged(received: Logging, pattern: RegExp | string, level?: Level) {
    if ("logs" in received) return received.logs().then(lines => logged(lines, this.isNot, pattern, level));
    return logged(received.log.lines, this.isNot, pattern, level);
  },

  async toHaveMetric(received: Measuring, name: string, wanted?: number, labels?: Readonly<Record<string, string>>) {
    const known = typeof received.metrics === "function" ? await received.metrics() : emulated(received.metrics);
    const value = known[metricName(name, labels)] ?? 0;
    return {
      pass: wanted === undefined ? value !== 0 : value === wanted,
      message: () => {
        const of = labels ? ` with ${JSON.stringify(labels)}` : "";
        const others = Object.entries(known).map(([each, count]) => `${each} ${count}`);
        const there = others.length > 0 ? others.join(", ") : "no metric of a filter";
        return `expected the metric ${name}${of} to be ${this.isNot ? "other than " : ""}${wanted ?? "counted"}; it is ${value}; there is ${there}`;
      },
    };
  },
});

/** A scenario's host, or the emulator itself. */
type Logging = { logs(): Promise<string[]> } | { log: { lines: readonly string[] } };
type Measuring = { metrics(): Promise<Readonly<Record<string, number>>> } | { metrics: EmulatedMetrics };
type EmulatedMetrics = { all: readonly { name: string; value: bigint }[] };

const emulated = ({ all }: EmulatedMetrics): Record<string, number> =>
  Object.fromEntries(all.map(({ name, value }) => [name, Number(value)]));

interface Outcome {
  pass: boolean;
  message: () => string;
}

function logged(lines: readonly string[], isNot: boolean, pattern: RegExp | string, level: Level | undefined): Outcome {
  const found = lines.filter(line => (typeof pattern === "string" ? line.includes(pattern) : new RegExp(pattern).test(line)));
  const right = level === undefined ? found : found.filter(line => line.includes(`[${level}]`));
  return {
    pass: right.length > 0,
    message: () => {
      const last = lines.filter(line => line.includes("[wasm]")).slice(-10);
      const near = found.length > 0 ? `lines of another level:\n${found.join("\n")}` : `the last lines of filters:\n${last.join("\n")}`;
      return `expected ${isNot ? "no" : "a"} line that matches ${pattern}${level ? ` at level ${level}` : ""}; ${near}`;
    },
  };
}
