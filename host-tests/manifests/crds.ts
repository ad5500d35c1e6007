import { type Crds, loadCrds } from "../../scripts/validate/index.ts";

/** Istio's definitions come with Go, which nobody needs for anything else here; null where the build had none. */
export const published = loadCrds(".");

const WITHOUT = "dist/istio-crds.json is missing: npm run build makes it, where there is Go and its module proxy answers";
if (!published) console.warn(`LEFT OUT, the tests that compare with Istio's definitions: ${WITHOUT}`);

export function crds(): Crds {
  if (!published) throw new Error(WITHOUT);
  return published;
}
