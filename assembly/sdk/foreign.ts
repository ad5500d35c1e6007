/**
 * The functions that stock Envoy offers beyond the ABI. Another host may have none of them: then they answer `Status.NotFound`.
 * Arguments and results are Protocol Buffers; the numbers of their fields are Envoy's.
 */
import { Status } from "../abi/enums";
import { proxy_call_foreign_function } from "../abi/hostcalls";
import { OUT, OUT_SIZE } from "../abi/memory";
import { ProtoReader, ProtoWriter } from "../std/protobuf";
import { ABSENT, EMPTY, presentSlice, Slice, sliceLength, slicePointer } from "../std/slice";
import { sliceToString } from "../std/utf8";
import { textSlice } from "./text";

/** How long filter state or a declared property lives. */
export enum LifeSpan {
  FilterChain = 0,
  DownstreamRequest = 1,
  DownstreamConnection = 2,
}

/** The type of a declared property. */
export enum PropertyType {
  Bytes = 0,
  String = 1,
  FlatBuffers = 2,
  Protobuf = 3,
}

/** Envoy's own functions, by name or as typed methods. */
export class Foreign {
  /** What the last `call` returned, as a view that is valid until the callback returns. */
  static result: Slice = ABSENT;

  /** Calls function `name`. Valid in every callback. Spec: v0.2.1 #proxy_call_foreign_function */
  static call(name: string, argument: Slice): Status {
    const bytes = textSlice(name);
    store<usize>(OUT, 0);
    store<u32>(OUT_SIZE, 0);
    const status = <Status>(
      proxy_call_foreign_function(slicePointer(bytes), sliceLength(bytes), slicePointer(argument), sliceLength(argument), OUT, OUT_SIZE)
    );
    Foreign.result = status == Status.Ok ? presentSlice(load<usize>(OUT), load<u32>(OUT_SIZE)) : ABSENT;
    return status;
  }

  /**
   * Has the route chosen anew, after a filter changed what it was chosen by. Envoy does so by itself after a change of the request's
   * headers; this is for anything else. Valid in a request's callbacks.
   */
  static clearRouteCache(): Status {
    return Foreign.call("clear_route_cache", EMPTY);
  }

  /** Sets filter state that Envoy itself reads, such as `envoy.tcp_proxy.cluster`. `Status.NotFound` when Envoy knows no such object. */
  static setEnvoyFilterState(path: string, value: string, span: LifeSpan = LifeSpan.FilterChain): Status {
    return Foreign.call("set_envoy_filter_state", new ProtoWriter().text(1, path).text(2, value).varint(3, span).view);
  }

  /** Fixes type and life span of a property that `Properties.set` will set. `Status.BadArgument` when it was declared already. Valid in `onConfigure`. */
  static declareProperty(
    name: string,
    type: PropertyType,
    readonly: bool = false,
    span: LifeSpan = LifeSpan.FilterChain,
    schema: string = "",
  ): Status {
    const argument = new ProtoWriter()
      .text(1, name)
      .varint(2, readonly ? 1 : 0)
      .varint(3, type)
      .text(4, schema)
      .varint(5, span);
    return Foreign.call("declare_property", argument.view);
  }

  /** `bytes` in zlib's format, or null when the host has no such function. */
  static compress(bytes: Uint8Array): Uint8Array | null {
    return Foreign.transform("compress", bytes);
  }

  /** What `compress` made smaller, or null when these bytes are none of it. */
  static uncompress(bytes: Uint8Array): Uint8Array | null {
    return Foreign.transform("uncompress", bytes);
  }

  private static transform(name: string, bytes: Uint8Array): Uint8Array | null {
    return Foreign.call(name, presentSlice(bytes.dataStart, bytes.byteLength)) == Status.Ok ? copyOf(Foreign.result) : null;
  }

  /** The signature of `text` by a private key (PEM), or null when hash or key are no good. `hash` is such as "sha256". */
  static sign(hash: string, privateKeyPem: string, text: Uint8Array): Uint8Array | null {
    const argument = new ProtoWriter().text(1, hash).data(3, text).text(4, privateKeyPem);
    if (Foreign.call("sign", argument.view) != Status.Ok) return null;
    let signature: Slice = ABSENT;
    let signed = false;
    const reader = new ProtoReader(Foreign.result);
    while (reader.next()) {
      if (reader.field == 1) signed = reader.number != 0;
      else if (reader.field == 2) signature = reader.value;
    }
    return signed && signature != ABSENT ? copyOf(signature) : null;
  }

  /** Whether `signature` of `text` was made with the private part of a public key (DER). */
  static verifySignature(publicKey: Uint8Array, hash: string, signature: Uint8Array, text: Uint8Array): bool {
    return Foreign.verified(new ProtoWriter().text(1, hash).data(2, publicKey).data(3, signature).data(4, text));
  }

  /** The same for a public key in PEM; Envoy since 1.37. */
  static verifySignaturePem(publicKeyPem: string, hash: string, signature: Uint8Array, text: Uint8Array): bool {
    return Foreign.verified(new ProtoWriter().text(1, hash).data(3, signature).data(4, text).text(5, publicKeyPem));
  }

  private static verified(argument: ProtoWriter): bool {
    if (Foreign.call("verify_signature", argument.view) != Status.Ok) return false;
    const reader = new ProtoReader(Foreign.result);
    while (reader.next()) if (reader.field == 1) return reader.number != 0;
    return false;
  }
}

function copyOf(slice: Slice): Uint8Array {
  const copy = new Uint8Array(sliceLength(slice));
  memory.copy(copy.dataStart, slicePointer(slice), sliceLength(slice));
  return copy;
}

/** An expression in CEL over Envoy's attributes. Make it in `onConfigure`, evaluate it in streams of the same plugin context. */
export class Expression {
  private constructor(private readonly token: u32) {}

  /** Compiles `source`; null when it is no expression, or the host knows no CEL. */
  static create(source: string): Expression | null {
    if (Foreign.call("expr_create", textSlice(source)) != Status.Ok || sliceLength(Foreign.result) != 4) return null;
    return new Expression(load<u32>(slicePointer(Foreign.result)));
  }

  /** The value's bytes, as `Properties.view` has them; `ABSENT` when it has none for this stream. */
  view(): Slice {
    const token = new Uint8Array(4);
    store<u32>(token.dataStart, this.token);
    return Foreign.call("expr_evaluate", presentSlice(token.dataStart, 4)) == Status.Ok ? Foreign.result : ABSENT;
  }

  /** The value as text, or null. */
  text(): string | null {
    const value = this.view();
    return value == ABSENT ? null : sliceToString(value);
  }

  /** The value as a boolean; false when it is none. */
  test(): bool {
    const value = this.view();
    return sliceLength(value) == 1 && load<u8>(slicePointer(value)) != 0;
  }

  /** Frees it. */
  delete(): Status {
    const token = new Uint8Array(4);
    store<u32>(token.dataStart, this.token);
    return Foreign.call("expr_delete", presentSlice(token.dataStart, 4));
  }
}
