import { shown } from "../manifests/index.ts";
import type { Finding, Keys } from "./finding.ts";
import { asList, asObject, asText, isObject, type Json } from "./json-value.ts";
import type { Plugin } from "./plugin.ts";

/** WasmPlugin has it in `spec`, TrafficExtension in `spec.wasm`. */
export function istioPlugin(spec: Json, keys: Keys): Plugin {
  const env = asList(asObject(spec.vmConfig).env).map(each => asText(asObject(each).name));
  const sha256 = asText(spec.sha256);
  return {
    keys,
    name: asText(spec.pluginName),
    nameKeys: [...keys, "pluginName"],
    code: asText(spec.url),
    codeKeys: [...keys, "url"],
    digest: sha256 ? `sha256:${sha256}` : null,
    config: spec.pluginConfig,
    configKeys: [...keys, "pluginConfig"],
    isText: false,
    env,
    allowed: null,
  };
}

/** What the API server lets pass and istiod or the agent then do without. */
export function checkIstioPlugin(spec: Json, keys: Keys): Finding[] {
  return [...checkUrl(asText(spec.url), asText(spec.sha256), [...keys, "url"]), ...checkEnv(spec, keys)];
}

function checkUrl(url: string, sha256: string, keys: Keys): Finding[] {
  if (url === "") return [];
  const found = shown(url);
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(url)?.[1]?.toLowerCase();
  if (!scheme) {
    const [first = ""] = url.split("/");
    const hint = first.includes(":") ? `istiod discards it: write oci://${url}` : `without a scheme it means oci://${url}; write that`;
    return [{ keys, expected: "a URL that begins with oci://, https:// or http://", found, hint, isWarning: !first.includes(":") }];
  }
  if (scheme === "file") {
    return [
      {
        keys,
        expected: "a file in the proxy's own container",
        found,
        hint: "istio-proxy has no module but those that you put there",
        isWarning: true,
      },
    ];
  }
  if (scheme !== "oci") return URL.canParse(url) ? [] : [{ keys, expected: "a URL", found }];
  const own = /@sha256:(.*)$/.exec(url)?.[1];
  if (own !== undefined && !/^[a-f0-9]{64}$/.test(own)) return [{ keys, expected: "64 hexadecimal digits behind @sha256:", found }];
  if (own && sha256 && own !== sha256) return [{ keys, expected: `the digest that sha256 has, ${sha256}`, found: own }];
  const [, host, path] = /^oci:\/\/([^/]+)(\/[^/].*)$/i.exec(url) ?? [];
  if (host === undefined) return [{ keys, expected: "oci://HOST[:PORT]/NAME", found }];
  if (/[.:]/.test(host)) return [];
  const hint = `Istio takes "${host}" for a folder of Docker Hub; write oci://${host}:443${path}, or oci://docker.io/${host}${path}`;
  return [{ keys, expected: "a host with a dot or a port", found, hint, isWarning: true }];
}

/** A value is for INLINE, which is the default. */
function checkEnv(spec: Json, keys: Keys): Finding[] {
  return asList(asObject(spec.vmConfig).env).flatMap((each, index): Finding[] => {
    if (!isObject(each) || each.valueFrom === "HOST" || "value" in each) return [];
    const hint = "valueFrom: HOST takes the proxy's own variable";
    return [{ keys: [...keys, "vmConfig", "env", index], expected: "a value", found: "nothing", hint, isWarning: true }];
  });
}
