import type { TenantsView } from "./view.ts";

/** Two minutes. */
const KEPT = 120;

interface Totals {
  requests: number;
  errors: number;
}

/** Requests by tenant over time, from what `tenant-metrics` counts. */
export class Tenants {
  #times: number[] = [];
  #totals = new Map<string, Totals>();
  #rates = new Map<string, number[]>();

  /** Takes the texts of several Envoys' `/stats`, asked once in a second. */
  add(seconds: number, stats: readonly string[]): void {
    const totals = new Map<string, Totals>();
    for (const text of stats) count(text, totals);
    // The first look has nothing to compare with.
    const isFirst = this.#times.length === 0;
    for (const [name, { requests }] of totals) {
      const rates = this.#rates.get(name) ?? this.#times.map(() => 0);
      rates.push(isFirst ? 0 : requests - (this.#totals.get(name)?.requests ?? 0));
      this.#rates.set(name, rates.slice(-KEPT));
    }
    this.#times = [...this.#times, seconds].slice(-KEPT);
    this.#totals = totals;
  }

  view(): TenantsView {
    const names = [...this.#totals.keys()].sort();
    return {
      names,
      totals: names.map(name => ({ name, ...(this.#totals.get(name) ?? { requests: 0, errors: 0 }) })),
      times: this.#times,
      rates: names.map(name => this.#rates.get(name) ?? []),
    };
  }
}

/** `wasmcustom.tenant=.=acme;.;code=.=2xx;.;tenant_requests: 3` */
function count(text: string, totals: Map<string, Totals>): void {
  for (const [, labels = "", what, value] of text.matchAll(/^wasmcustom\.(\S+?)tenant_(requests|errors): (\d+)$/gm)) {
    const name = /(?:^|;)tenant=\.=(.*?);\.;/.exec(labels)?.[1] || "none";
    const total = totals.get(name) ?? { requests: 0, errors: 0 };
    total[what as keyof Totals] += Number(value);
    totals.set(name, total);
  }
}
