/** The middle one; the mean of the two in the middle where there are two. Throws without values, where every answer would be wrong. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The value below which `part` of the values lie, between two neighbours in proportion. */
export function quantile(values: readonly number[], part: number): number {
  if (values.length === 0) throw new Error("bench: there is no quantile of no values");
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) * part;
  const below = sorted[Math.floor(at)] as number;
  const above = sorted[Math.ceil(at)] as number;
  return below + (above - below) * (at - Math.floor(at));
}

/** A figure of paired rounds: its median, and the quarter of the rounds below and above. */
export interface Spread {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

export function spreadOf(values: readonly number[]): Spread {
  return { median: median(values), low: quantile(values, 0.25), high: quantile(values, 0.75) };
}

/**
 * The ratio of two costs that were measured in the same rounds, both above the same base: of each round alone, so that what disturbed
 * one round disturbed all three. Rounds in which the lower cost drowned in noise say nothing and are left out.
 */
export function pairedRatio(costs: readonly number[], references: readonly number[], base: readonly number[]): Spread | null {
  const ratios = costs.flatMap((cost, round) => {
    const reference = (references[round] ?? Number.NaN) - (base[round] ?? Number.NaN);
    const above = cost - (base[round] ?? Number.NaN);
    return reference > 0 && Number.isFinite(above) ? [above / reference] : [];
  });
  return ratios.length === 0 ? null : spreadOf(ratios);
}
