/** Lists of bytes as Gcore's host gives them, for filters that read one themselves. */

export abstract class ItemParser<T> {
  /** An item of `itemSize` bytes at `dataIndex`; null leaves it out. */
  abstract parseItem(buffer: ArrayBuffer, dataIndex: u32, itemSize: u32): T | null;
  abstract createEmptyArray(): Array<T>;
}

export class StringParser extends ItemParser<string> {
  parseItem(buffer: ArrayBuffer, dataIndex: u32, itemSize: u32): string | null {
    return String.UTF8.decode(buffer.slice(<i32>dataIndex, <i32>(dataIndex + itemSize)));
  }

  createEmptyArray(): Array<string> {
    return [];
  }
}

/**
 *   count | count × size | count × (item 0)
 *
 * What is cut off is left out.
 */
export function parseBufferToList<T>(buffer: ArrayBuffer, parser: ItemParser<T>): Array<T> {
  const items = parser.createEmptyArray();
  const size = <u32>buffer.byteLength;
  const start = changetype<usize>(buffer);
  const count: u32 = size < 4 ? 0 : load<u32>(start);
  if (<u64>count * 4 + 4 > <u64>size) return items;
  let at = 4 + count * 4;
  for (let i: u32 = 0; i < count; i++) {
    const itemSize = load<u32>(start + 4 + ((<usize>i) << 2));
    if (<u64>at + itemSize > <u64>size) break;
    const item = parser.parseItem(buffer, at, itemSize);
    if (item !== null) items.push(item);
    at += itemSize + 1;
  }
  return items;
}
