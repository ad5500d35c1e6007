/**
 * Constants as filter state of the connection: its first request sets them, and all that follow have them.
 *
 * Beside them stands a marker, with no value and a name that no other configuration has. Whether a connection has it is told by the status of
 * one cheap hostcall, however many constants there are. A connection where another writer had one of them first is marked as shared: there
 * each request sets them.
 */
import { Foreign, LifeSpan, Properties, PropertyType, random } from "../../sdk/index";
import { writeHex64 } from "../../std/hex";
import { ABSENT, EMPTY, Slice, sliceOfBytes } from "../../std/slice";
import { sliceToString } from "../../std/utf8";
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
    const own = marker(99, id);
    const shared = marker(115, id);
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

/** A letter and an id: short enough for the host to keep it without an allocation. */
function marker(letter: u8, id: u64): StaticArray<u8> {
  const name = new StaticArray<u8>(17);
  name[0] = letter;
  writeHex64(changetype<usize>(name) + 1, id);
  return name;
}

function declare(name: Slice): bool {
  return Foreign.declareProperty(sliceToString(name), PropertyType.Bytes, false, LifeSpan.DownstreamConnection) == 0;
}

function isSet(name: Slice): bool {
  return Properties.viewOf(name) != ABSENT;
}
