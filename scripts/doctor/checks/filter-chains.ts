import { type Check, isReceived, type Patient } from "../check.ts";
import type { Report } from "../finding.ts";
import { isOfType } from "../json.ts";
import { carriesTraffic, type Manager } from "../proxy.ts";
import { wasmPlugin } from "../wasm-plugin.ts";

/** Which filters are in a chain, and where. */
export const filterChains: Check = patient => {
  const managers = patient.proxy.managers.filter(carriesTraffic);
  return [
    ...[...managers, ...patient.proxy.rejected.flatMap(each => each.managers)].flatMap(afterRouter),
    ...missing(managers),
    ...managers.flatMap(disabled),
    ...notReceived(patient, managers),
  ];
};

/** Envoy refuses a listener with such a chain, so it is found in what was refused. */
function afterRouter({ filters, where }: Manager): Report[] {
  const router = filters.findIndex(({ config }) => isOfType(config, "Router"));
  const behind = router < 0 ? [] : filters.slice(router + 1).map(({ name }) => name);
  if (behind.length === 0) return [];
  const found = `${behind.join(", ")} behind the router, which ends the chain; Envoy refuses the listener`;
  const mend = "move it before envoy.filters.http.router (EnvoyFilter: INSERT_BEFORE, not INSERT_AFTER or ADD)";
  return [{ id: "filter-after-router", where, found, mend }];
}

/** A filter of ours that stands in some chains of a direction and not in others. */
function missing(managers: readonly Manager[]): Report[] {
  const ownOf = ({ filters }: Manager): string[] => filters.flatMap(filter => wasmPlugin(filter)?.own ?? []);
  return managers.flatMap(manager => {
    const others = managers.filter(({ direction }) => direction === manager.direction).flatMap(ownOf);
    const absent = [...new Set(others)].filter(name => !ownOf(manager).includes(name));
    return absent.map((name): Report => {
      const found = `${name} is in other chains of the same direction, and not in this one`;
      const mend =
        "add it, if requests come this way (Istio: the WasmPlugin's selector, match and phase; EnvoyFilter: its context and match)";
      return { id: "filter-missing", where: manager.where, found, mend };
    });
  });
}

function disabled({ filters }: Manager): Report[] {
  return filters
    .filter(({ isDisabled, config }) => isDisabled && isOfType(config, "Wasm"))
    .map(({ name, where }) => {
      const mend = "take disabled away, or enable it by typed_per_filter_config where it is to run";
      return { id: "filter-disabled", where, found: `${name} is disabled: it runs only on routes that enable it`, mend };
    });
}

function notReceived({ proxy, snapshot }: Patient, managers: readonly Manager[]): Report[] {
  return managers.flatMap(({ filters }) =>
    filters
      .filter(filter => !isReceived(filter, { proxy, snapshot }))
      .map(({ where }): Report => {
        const mend =
          "see whether the management server or file has it, under this name and type, and whether an update was refused; default_config would bridge the time";
        return { id: "filter-not-received", where, found: "its configuration by ECDS never came: requests are answered 500", mend };
      }),
  );
}
