import { createPrivateKey, createPublicKey, createSign, createVerify, type KeyObject } from "node:crypto";
import { deflateSync, inflateSync } from "node:zlib";
import { compile, evaluate } from "./cel/index.ts";
import type { PropertyDeclaration } from "./filter-state.ts";
import type { PluginContext } from "./plugin-context.ts";
import { bytesField, decodeFields, encodeFields, type Fields, numberField } from "./protobuf.ts";
import { gap } from "./refusal.ts";
import { Status } from "./status.ts";
import { serialize } from "./value.ts";
import type { Vm } from "./vm.ts";

/** A status, or the bytes of the result with the status Ok. */
type ForeignFunction = (vm: Vm, args: Buffer) => number | Buffer;

/** The foreign functions of stock Envoy. */
export const FOREIGN_FUNCTIONS: Readonly<Record<string, ForeignFunction>> = {
  clear_route_cache(vm) {
    vm.context.clearRouteCache();
    return Status.Ok;
  },
  compress: (_vm, args) => deflateSync(args),
  uncompress(_vm, args) {
    try {
      return inflateSync(args);
    } catch {
      return Status.SerializationFailure;
    }
  },
  set_envoy_filter_state: (vm, args) => withFields(args, fields => setEnvoyFilterState(vm, fields)),
  declare_property: (vm, args) => withFields(args, fields => declareProperty(vm, fields)),
  sign: (vm, args) => (vm.host.envoy.hasSign ? withFields(args, sign) : Status.NotFound),
  verify_signature: (vm, args) => withFields(args, fields => verify(fields, vm.host.envoy.hasSign)),

  expr_create(vm, args) {
    const root = currentRoot(vm);
    const compiled = compile(args.toString());
    if (!compiled) return Status.BadArgument;
    const token = root.nextExpression++;
    root.expressions.set(token, compiled);
    return word(token);
  },
  expr_evaluate(vm, args) {
    if (args.length !== 4) return Status.BadArgument;
    const expression = currentRoot(vm).expressions.get(args.readUInt32LE());
    if (!expression) return Status.NotFound;
    const value = vm.current && evaluate(expression, vm.current);
    return value ? (serialize(value) ?? Status.SerializationFailure) : Status.InternalFailure;
  },
  expr_delete(vm, args) {
    if (args.length !== 4) return Status.BadArgument;
    currentRoot(vm).expressions.delete(args.readUInt32LE());
    return Status.Ok;
  },
};

/** Expressions and declarations belong to the context of the callback under way, whatever the effective context is. */
function currentRoot(vm: Vm): PluginContext {
  const root = vm.current?.root;
  if (!root) throw new Error("a foreign function outside of a plugin context");
  return root;
}

function word(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function withFields(args: Buffer, run: (fields: Fields) => number | Buffer): number | Buffer {
  const fields = decodeFields(args);
  return fields ? run(fields) : Status.BadArgument;
}

/** Filter state of Envoy that is made from bytes, and is the text again when it is read. */
const TEXT_STATES = new Set([
  "envoy.tcp_proxy.cluster",
  "envoy.network.upstream_server_name",
  "envoy.string",
  "envoy.upstream.dynamic_host",
  "envoy.hashable_string",
]);

function setEnvoyFilterState(vm: Vm, fields: Fields): number {
  const path = bytesField(fields, 1).toString("latin1");
  if (!path.startsWith("envoy.")) return Status.NotFound;
  if (!TEXT_STATES.has(path)) throw gap(`the filter state ${path} in set_envoy_filter_state`);
  const info = (vm.host.envoy.filterStateOfEffectiveContext ? vm.context : vm.current)?.mutableInfo;
  if (!info) return Status.NotFound;
  info.filterState.setEnvoy(path, bytesField(fields, 2).toString("latin1"));
  return Status.Ok;
}

const LIFE_SPANS = ["filter chain", "request", "connection"] as const;
const PROPERTY_TYPES = ["bytes", "string", "flatbuffers", "protobuf"] as const;

function declareProperty(vm: Vm, fields: Fields): number {
  // Declared on the context of the callback: only a plugin context's declarations are looked at.
  const context = vm.current as Partial<PluginContext> | null;
  const name = bytesField(fields, 1).toString("latin1");
  const declaration: PropertyDeclaration = {
    readonly: numberField(fields, 2) !== 0,
    type: PROPERTY_TYPES[numberField(fields, 3)] ?? "bytes",
    schema: bytesField(fields, 4).toString("latin1"),
    lifeSpan: LIFE_SPANS[numberField(fields, 5)] ?? "filter chain",
  };
  const declarations = context?.declarations ?? new Map<string, PropertyDeclaration>();
  if (declarations.has(name)) return Status.BadArgument;
  declarations.set(name, declaration);
  return Status.Ok;
}

const HASHES = new Set(["sha1", "sha224", "sha256", "sha384", "sha512"]);

/** A key in DER (`derField`) or PEM (`pemField`); null when there is none, both, or it can't be read. */
function key(
  fields: Fields,
  derField: number,
  pemField: number,
  read: (data: Buffer, format: "der" | "pem") => KeyObject,
): KeyObject | null {
  const [der, pem] = [bytesField(fields, derField), bytesField(fields, pemField)];
  if (der.length > 0 === pem.length > 0) return null;
  try {
    return pem.length > 0 ? read(pem, "pem") : read(der, "der");
  } catch {
    return null;
  }
}

/** `knowsPem`: Envoy looks at the key first, and takes it in PEM as well; before, only DER, and at the hash first. */
function verify(fields: Fields, knowsPem: boolean): number | Buffer {
  const answer = (error: string): Buffer =>
    encodeFields([
      [1, error === ""],
      [2, Buffer.from(error)],
    ]);
  const hash = bytesField(fields, 1).toString();
  if (!knowsPem && !HASHES.has(hash)) return answer(`${hash} is not supported.`);
  const publicKey = key(fields, 2, knowsPem ? 5 : 0, (data, format) => createPublicKey({ key: data, format, type: "spki" }));
  if (!publicKey && !knowsPem) throw gap("verify_signature with a broken key");
  if (!publicKey) return Status.BadArgument;
  if (!HASHES.has(hash)) return answer(`${hash} is not supported.`);
  const matches = createVerify(hash).update(bytesField(fields, 4)).verify(publicKey, bytesField(fields, 3));
  return answer(matches ? "" : "Failed to verify digest. Error code: 0");
}

function sign(fields: Fields): number | Buffer {
  const privateKey = key(fields, 2, 4, (data, format) => createPrivateKey({ key: data, format, type: "pkcs8" }));
  if (!privateKey) return Status.BadArgument;
  const hash = bytesField(fields, 1).toString();
  if (!HASHES.has(hash)) return encodeFields([[3, Buffer.from(`${hash} is not supported.`)]]);
  return encodeFields([
    [1, true],
    [2, createSign(hash).update(bytesField(fields, 3)).sign(privateKey)],
  ]);
}
