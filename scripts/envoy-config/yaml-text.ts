import { Document, isScalar, visit } from "yaml";

/**
 * What other readers of YAML 1.1 do not take as it stands, whatever is around it: control characters, which they refuse, the line breaks of
 * Unicode, which they fold, and the byte order mark. A lone surrogate is no character at all.
 */
const UNPRINTABLE = /[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g;
/** Signs of YAML 1.1, and the numbers that Go knows and so Kubernetes' reader, in letters of either case. */
const SPECIAL = /^(<<|=|[-+]?0[xob][0-9a-f_]+)$/i;
const LONE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** A document as Kubernetes and Envoy read it, YAML 1.1: words such as yes are quoted. */
export function yamlDocument(value: unknown): Document {
  return new Document(value, { aliasDuplicateObjects: false, version: "1.1" });
}

export function yamlText(document: Document): string {
  visit(document, {
    Scalar(_, node) {
      if (!isScalar<string>(node) || typeof node.value !== "string") return;
      node.value = node.value.replace(LONE, "\ufffd");
      const isOdd =
        node.value.search(UNPRINTABLE) >= 0 || (node.value.includes("\t") && !node.value.includes("\n")) || SPECIAL.test(node.value);
      if (isOdd) node.type = "QUOTE_DOUBLE";
    },
  });
  // They are within double quotes alone now, where escapes count.
  return document.toString({ lineWidth: 0 }).replace(UNPRINTABLE, each => `\\u${each.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
