/**
 * Constants as filter state of the connection: its first request sets them, and all that follow have them.
 *
 * Beside them stands a marker, with no value and a name that no other configuration has. Whether a connection has it is told by the status of
 * one cheap hostcall, however many constants there are. A connection where another writer had one of them first is marked as shared: there
 * each request sets them.
 */
import { Foreign, LifeSpan, Properties, random, SliceBuilder } from "../../sdk/index";
import { decimal } from "../../std/decimal";
import { ABSENT, EMPTY, Slice, sliceLength, sliceOfBytes } from "../../std/slice";
import { utf8Bytes } from "../../std/utf8";
import { Attribute } from "./attribute";

export class ConnectionConstants {
  private constructor(
    private readonly attributes: StaticArray<Attribute>,
    /** The attributes that are to be set with each request. */
    readonly others: StaticArray<Attribute>,
    private readonly own: StaticArray<u8>,
    private readonly shared: StaticArray<u8>,
  ) {}

  /** Takes those of `attributes` that are the same for every request; null where the host cannot do it. Call it in `onConfigure`. */
  static take(attributes: StaticArray<Attribute>): ConnectionConstants | null {
    const id = random().nextId();
    const own = marker("c", id);
    const shared = marker("s", id);
    if (!declare(sliceOfBytes(own)) || !declare(sliceOfBytes(shared))) return null;
    const taken: Attribute[] = [];
    const others: Attribute[] = [];
    for (let i = 0; i < attributes.length; i++) {
      const attribute = attributes[i];
      (attribute.isConstant && declare(attribute.propertyView) ? taken : others).push(attribute);
    }
    if (taken.length == 0) return null;
    return new ConnectionConstants(StaticArray.fromArray<Attribute>(taken), StaticArray.fromArray<Attribute>(others), own, shared);
  }

  /** Sees to it that the connection of this request has them. */
  write(): void {
    if (isSet(sliceOfBytes(this.own))) return;
    const isKnown = isSet(sliceOfBytes(this.shared));
    let isShared: bool = isKnown;
    const attributes = this.attributes;
    for (let i = 0; i < attributes.length && !isShared; i++) isShared = isSet(attributes[i].propertyView);
    for (let i = 0; i < attributes.length; i++) Properties.setOf(attributes[i].propertyView, attributes[i].constantView);
    if (!isKnown) Properties.setOf(sliceOfBytes(isShared ? this.shared : this.own), EMPTY);
  }
}

/** A letter and 48 bits in digits: short enough for the host to keep it without an allocation. */
function marker(letter: string, id: u64): StaticArray<u8> {
  return utf8Bytes(letter + decimal(<i64>(id >> 16)));
}

/** As `Foreign.declareProperty` does, for a name in bytes and without what stays at its default: bytes, not read-only. */
function declare(name: Slice): bool {
  const length = sliceLength(name);
  const argument = new SliceBuilder(length + 5);
  argument.appendByte(0x0a); // field 1, bytes: the name
  argument.appendByte(<u8>(length | 0x80));
  argument.appendByte(<u8>(length >> 7));
  argument.append(name);
  argument.appendByte(0x28); // field 5, a number: the life span
  argument.appendByte(<u8>LifeSpan.DownstreamConnection);
  return Foreign.call("declare_property", argument.slice) == 0;
}

function isSet(name: Slice): bool {
  return Properties.viewOf(name) != ABSENT;
}
