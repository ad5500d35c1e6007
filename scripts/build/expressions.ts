import binaryen from "assemblyscript/binaryen";

/** What an expression may consist of, by the names that binaryen's descriptions have for it. */
const PARTS = [
  ...["children", "body", "condition", "ifTrue", "ifFalse", "operands", "target", "value", "ptr", "left", "right"],
  ...["delta", "dest", "source", "size", "vec", "a", "b", "c", "expected", "replacement", "timeout", "notifyCount"],
] as const;
/** Where a part of that name is no expression. */
const NAMED: ReadonlyMap<number, string> = new Map([
  [binaryen.CallId, "target"],
  [binaryen.ConstId, "value"],
]);
/** Kinds that binaryen has no description of, and that consist of nothing. */
const BARE: readonly number[] = [binaryen.NopId, binaryen.UnreachableId, binaryen.PopId, binaryen.RefNullId];

/** An expression as binaryen describes it; what it has depends on its kind. */
export type Expression = { readonly id: number } & Readonly<Record<string, unknown>>;

interface Block {
  readonly children: readonly number[];
  setChildAt(index: number, child: number): void;
}

interface Branch {
  readonly ifTrue: number;
  readonly ifFalse: number;
  setIfTrue(expression: number): void;
  setIfFalse(expression: number): void;
}

interface Loop {
  readonly body: number;
  setBody(expression: number): void;
}

/** What changes expressions in their place; the package's declarations of binaryen leave it out. */
export const { Block, If, Loop } = binaryen as unknown as {
  readonly Block: new (expression: number) => Block;
  readonly If: new (expression: number) => Branch;
  readonly Loop: new (expression: number) => Loop;
};

export function describe(expression: number): Expression {
  const id = binaryen.getExpressionId(expression);
  return BARE.includes(id) ? { id } : (binaryen.getExpressionInfo(expression) as unknown as Expression);
}

/** The expressions that one consists of. */
export function partsOf(expression: Expression): number[] {
  const named = NAMED.get(expression.id);
  return PARTS.flatMap(part => (part === named ? [] : (expression[part] as number | readonly number[] | undefined) || []));
}
