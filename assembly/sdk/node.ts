import { Properties } from "./properties";

/** The proxy that the module runs in. */
export class Node {
  /**
   * Metadata of the node (bootstrap `node.metadata`; Istio fills it), or null when there is none under this key. `MAP.key` reads from a map
   * such as Istio's LABELS. For text: of a number or a boolean Envoy gives the bytes. Valid from `onConfigure` on; the value does not change, so read it there.
   */
  static metadata(key: string): string | null {
    const whole = Node.read(key);
    const dot = key.indexOf(".");
    return whole != null || dot < 0 ? whole : Node.read(key.substring(0, dot) + "\0" + key.substring(dot + 1));
  }

  private static read(key: string): string | null {
    // Envoy answers below `xds`; below `node` does the specification, and did Envoy when it was young.
    const value = Properties.getOf("xds\0node\0metadata\0" + key);
    return value != null ? value : Properties.getOf("node\0metadata\0" + key);
  }
}
