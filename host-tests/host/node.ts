import { utf8 } from "./bytes.ts";
import { gap } from "./refusal.ts";
import { type Given, givenValue, mapOf, text, type Value } from "./value.ts";

/** Envoy's node, as in its bootstrap. */
export interface NodeOptions {
  id?: string;
  cluster?: string;
  /** What Istio's proxies carry: CLUSTER_ID, MESH_ID, NAMESPACE, LABELS… Numbers are doubles, as in a protobuf Struct. */
  metadata?: Readonly<Record<string, unknown>>;
}

/** The message `envoy.config.core.v3.Node`. */
export function nodeMessage(node: NodeOptions): Value {
  return {
    type: "message",
    name: "xds.node",
    field: name => {
      if (name === "id") return text(utf8(node.id ?? "meshwright"));
      if (name === "cluster") return text(utf8(node.cluster ?? "meshwright"));
      if (name === "metadata") return node.metadata ? givenValue(node.metadata as Given) : mapOf([]);
      if (name === "locality" || name === "user_agent_name" || name === "user_agent_build_version" || name === "extensions") {
        throw gap(`the property xds.node.${name}`);
      }
      return undefined;
    },
  };
}
