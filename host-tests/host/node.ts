import { utf8 } from "./bytes.ts";
import { gap } from "./refusal.ts";
import { type Given, givenValue, mapOf, text, uint, type Value } from "./value.ts";

/** Envoy's node, as in its bootstrap. */
export interface NodeOptions {
  id?: string;
  cluster?: string;
  /** What Istio's proxies carry: CLUSTER_ID, MESH_ID, NAMESPACE, LABELS… Numbers are doubles, as in a protobuf Struct. */
  metadata?: Readonly<Record<string, unknown>>;
}

/** The message `envoy.config.core.v3.Node`. */
export function nodeMessage(node: NodeOptions, envoyVersion: string): Value {
  return {
    type: "message",
    name: "xds.node",
    field: name => {
      if (name === "id") return text(utf8(node.id ?? "meshwright"));
      if (name === "cluster") return text(utf8(node.cluster ?? "meshwright"));
      if (name === "metadata") return node.metadata ? givenValue(node.metadata as Given) : mapOf([]);
      if (name === "user_agent_name") return text("envoy");
      if (name === "user_agent_build_version") return buildVersion(envoyVersion);
      if (name === "locality" || name === "extensions") {
        throw gap(`the property xds.node.${name}`);
      }
      return undefined;
    },
  };
}

/** The message `envoy.config.core.v3.BuildVersion`. */
function buildVersion(envoyVersion: string): Value {
  const [major = 0, minor = 0, patch = 0] = envoyVersion.split(".").map(Number);
  const numbers: Readonly<Record<string, number>> = { major_number: major, minor_number: minor, patch };
  return message("xds.node.user_agent_build_version", field => {
    if (field === "metadata") throw gap("the property xds.node.user_agent_build_version.metadata");
    if (field !== "version") return undefined;
    return message("xds.node.user_agent_build_version.version", each => (each in numbers ? uint(numbers[each] ?? 0) : undefined));
  });
}

const message = (name: string, field: (name: string) => Value | undefined): Value => ({ type: "message", name, field });
