/**
 * Walking over and rewriting MIR.
 *
 * A *visitor* is told of every place, operand and local of a body, with how it is used. A *mapper* rebuilds what changed and shares
 * what did not: nothing is changed in place, and a body that comes back unchanged is the same object.
 */

import type {
  AssertKind,
  BasicBlock,
  BasicBlockData,
  Body,
  Local,
  Operand,
  Place,
  PlaceElem,
  Rvalue,
  Statement,
  Terminator,
  UnwindAction,
} from "./syntax.ts";

/** How a place is used (after rustc's `PlaceContext`). */
export type PlaceContext = "store" | "copy" | "move" | "borrow" | "inspect" | "call" | "storage";

export interface Visitor {
  /** Every place, before its parts. */
  place?(place: Place, context: PlaceContext): void;
  /** Every operand, before its place. */
  operand?(operand: Operand): void;
  /** Every mention of a local: as the base of a place, as an index, in storage statements. */
  local?(local: Local, context: PlaceContext | "index"): void;
}

/** Tells `visitor` of everything in `body`. */
export function visitBody(body: Body, visitor: Visitor): void {
  for (const block of body.blocks) {
    for (const statement of block.statements) visitStatement(statement, visitor);
    visitTerminator(block.terminator, visitor);
  }
}

export function visitStatement(statement: Statement, visitor: Visitor): void {
  switch (statement.kind) {
    case "assign":
      visitPlace(statement.place, "store", visitor);
      visitRvalue(statement.rvalue, visitor);
      break;
    case "setDiscriminant":
      visitPlace(statement.place, "store", visitor);
      break;
    case "storageLive":
    case "storageDead":
      visitor.local?.(statement.local, "storage");
      break;
    case "assume":
      visitOperand(statement.operand, visitor);
      break;
    case "nop":
  }
}

export function visitRvalue(rvalue: Rvalue, visitor: Visitor): void {
  switch (rvalue.kind) {
    case "use":
    case "repeat":
    case "cast":
    case "unary":
      visitOperand(rvalue.operand, visitor);
      break;
    case "ref":
    case "rawPtr":
      visitPlace(rvalue.place, "borrow", visitor);
      break;
    case "discriminant":
      visitPlace(rvalue.place, "inspect", visitor);
      break;
    case "binary":
      visitOperand(rvalue.left, visitor);
      visitOperand(rvalue.right, visitor);
      break;
    case "aggregate":
      for (const operand of rvalue.operands) visitOperand(operand, visitor);
  }
}

export function visitTerminator(terminator: Terminator, visitor: Visitor): void {
  switch (terminator.kind) {
    case "switchInt":
      visitOperand(terminator.discr, visitor);
      break;
    case "call":
      visitOperand(terminator.func, visitor);
      for (const arg of terminator.args) visitOperand(arg, visitor);
      visitPlace(terminator.destination, "call", visitor);
      break;
    case "assert":
      visitOperand(terminator.cond, visitor);
      for (const operand of messageOperands(terminator.message)) visitOperand(operand, visitor);
      break;
    case "goto":
    case "return":
    case "unreachable":
  }
}

export function visitOperand(operand: Operand, visitor: Visitor): void {
  visitor.operand?.(operand);
  if (operand.kind !== "const") visitPlace(operand.place, operand.kind, visitor);
}

export function visitPlace(place: Place, context: PlaceContext, visitor: Visitor): void {
  visitor.place?.(place, context);
  if (visitor.local === undefined) return;
  visitor.local(place.local, context);
  for (const elem of place.projection) if (elem.kind === "index") visitor.local(elem.local, "index");
}

/** The operands that an assertion's message shows. */
export function messageOperands(message: AssertKind): readonly Operand[] {
  switch (message.kind) {
    case "boundsCheck":
      return [message.length, message.index];
    case "overflow":
      return [message.left, message.right];
    default:
      return [message.operand];
  }
}

/** The blocks that `terminator` can go on to; a block comes as often as it is mentioned. */
export function successors(terminator: Terminator): readonly BasicBlock[] {
  switch (terminator.kind) {
    case "goto":
      return [terminator.target];
    case "switchInt":
      return terminator.otherwise === undefined ? terminator.targets : [...terminator.targets, terminator.otherwise];
    case "call":
    case "assert": {
      const cleanup = terminator.unwind.kind === "cleanup" ? [terminator.unwind.block] : [];
      return terminator.target === undefined ? cleanup : [terminator.target, ...cleanup];
    }
    default:
      return [];
  }
}

/** What to put in place of a part; a part without a function stays as it is. */
export interface Mapper {
  /** Called for every place, after its locals were mapped. */
  place?(place: Place, context: PlaceContext): Place;
  /** Called for every operand, after its place was mapped. */
  operand?(operand: Operand): Operand;
  local?(local: Local): Local;
  block?(block: BasicBlock): BasicBlock;
}

/** `items` mapped; the same array when nothing changed. */
export function mapList<T>(items: readonly T[], map: (item: T) => T): readonly T[] {
  let mapped: T[] | undefined;
  for (let i = 0; i < items.length; i++) {
    const item = items[i]!;
    const next = map(item);
    if (mapped === undefined && next !== item) mapped = items.slice(0, i);
    mapped?.push(next);
  }
  return mapped ?? items;
}

/** `body` with its statements and terminators mapped; locals and scopes stay. */
export function mapBody(body: Body, mapper: Mapper): Body {
  const blocks = mapList(body.blocks, (block) => mapBlock(block, mapper));
  return blocks === body.blocks ? body : { ...body, blocks };
}

export function mapBlock(block: BasicBlockData, mapper: Mapper): BasicBlockData {
  const statements = mapList(block.statements, (statement) => mapStatement(statement, mapper));
  const terminator = mapTerminator(block.terminator, mapper);
  if (statements === block.statements && terminator === block.terminator) return block;
  return { ...block, statements, terminator };
}

export function mapPlace(place: Place, context: PlaceContext, mapper: Mapper): Place {
  let result = place;
  if (mapper.local !== undefined) {
    const map = mapper.local;
    const local = map(place.local);
    const projection = mapList(place.projection, (elem): PlaceElem => {
      if (elem.kind !== "index") return elem;
      const index = map(elem.local);
      return index === elem.local ? elem : { kind: "index", local: index };
    });
    if (local !== place.local || projection !== place.projection) result = { local, projection };
  }
  return mapper.place === undefined ? result : mapper.place(result, context);
}

export function mapOperand(operand: Operand, mapper: Mapper): Operand {
  let result = operand;
  if (operand.kind !== "const") {
    const place = mapPlace(operand.place, operand.kind, mapper);
    if (place !== operand.place) result = { kind: operand.kind, place };
  }
  return mapper.operand === undefined ? result : mapper.operand(result);
}

export function mapRvalue(rvalue: Rvalue, mapper: Mapper): Rvalue {
  switch (rvalue.kind) {
    case "use":
    case "repeat":
    case "cast":
    case "unary": {
      const operand = mapOperand(rvalue.operand, mapper);
      return operand === rvalue.operand ? rvalue : { ...rvalue, operand };
    }
    case "ref":
    case "rawPtr":
    case "discriminant": {
      const place = mapPlace(rvalue.place, rvalue.kind === "discriminant" ? "inspect" : "borrow", mapper);
      return place === rvalue.place ? rvalue : { ...rvalue, place };
    }
    case "binary": {
      const left = mapOperand(rvalue.left, mapper);
      const right = mapOperand(rvalue.right, mapper);
      return left === rvalue.left && right === rvalue.right ? rvalue : { ...rvalue, left, right };
    }
    case "aggregate": {
      const operands = mapList(rvalue.operands, (operand) => mapOperand(operand, mapper));
      return operands === rvalue.operands ? rvalue : { ...rvalue, operands };
    }
  }
}

export function mapStatement(statement: Statement, mapper: Mapper): Statement {
  switch (statement.kind) {
    case "assign": {
      const place = mapPlace(statement.place, "store", mapper);
      const rvalue = mapRvalue(statement.rvalue, mapper);
      return place === statement.place && rvalue === statement.rvalue ? statement : { ...statement, place, rvalue };
    }
    case "setDiscriminant": {
      const place = mapPlace(statement.place, "store", mapper);
      return place === statement.place ? statement : { ...statement, place };
    }
    case "storageLive":
    case "storageDead": {
      const local = mapper.local === undefined ? statement.local : mapper.local(statement.local);
      return local === statement.local ? statement : { ...statement, local };
    }
    case "assume": {
      const operand = mapOperand(statement.operand, mapper);
      return operand === statement.operand ? statement : { ...statement, operand };
    }
    case "nop":
      return statement;
  }
}

export function mapTerminator(terminator: Terminator, mapper: Mapper): Terminator {
  const block = (b: BasicBlock): BasicBlock => (mapper.block === undefined ? b : mapper.block(b));
  const unwind = (u: UnwindAction): UnwindAction => {
    if (u.kind !== "cleanup") return u;
    const target = block(u.block);
    return target === u.block ? u : { kind: "cleanup", block: target };
  };
  switch (terminator.kind) {
    case "goto": {
      const target = block(terminator.target);
      return target === terminator.target ? terminator : { ...terminator, target };
    }
    case "switchInt": {
      const discr = mapOperand(terminator.discr, mapper);
      const targets = mapList(terminator.targets, block);
      const otherwise = terminator.otherwise === undefined ? undefined : block(terminator.otherwise);
      const same = discr === terminator.discr && targets === terminator.targets && otherwise === terminator.otherwise;
      return same ? terminator : { ...terminator, discr, targets, otherwise };
    }
    case "call":
      return mapCall(terminator, mapper, block, unwind);
    case "assert": {
      const cond = mapOperand(terminator.cond, mapper);
      const message = mapMessage(terminator.message, mapper);
      const target = block(terminator.target);
      const after = unwind(terminator.unwind);
      const same =
        cond === terminator.cond &&
        message === terminator.message &&
        target === terminator.target &&
        after === terminator.unwind;
      return same ? terminator : { ...terminator, cond, message, target, unwind: after };
    }
    case "return":
    case "unreachable":
      return terminator;
  }
}

function mapCall(
  terminator: Extract<Terminator, { kind: "call" }>,
  mapper: Mapper,
  block: (b: BasicBlock) => BasicBlock,
  mapUnwind: (u: UnwindAction) => UnwindAction,
): Terminator {
  const func = mapOperand(terminator.func, mapper);
  const args = mapList(terminator.args, (arg) => mapOperand(arg, mapper));
  const destination = mapPlace(terminator.destination, "call", mapper);
  const target = terminator.target === undefined ? undefined : block(terminator.target);
  const unwind = mapUnwind(terminator.unwind);
  const same =
    func === terminator.func &&
    args === terminator.args &&
    destination === terminator.destination &&
    target === terminator.target &&
    unwind === terminator.unwind;
  return same ? terminator : { ...terminator, func, args, destination, target, unwind };
}

function mapMessage(message: AssertKind, mapper: Mapper): AssertKind {
  const map = (operand: Operand): Operand => mapOperand(operand, mapper);
  switch (message.kind) {
    case "boundsCheck": {
      const length = map(message.length);
      const index = map(message.index);
      return length === message.length && index === message.index ? message : { ...message, length, index };
    }
    case "overflow": {
      const left = map(message.left);
      const right = map(message.right);
      return left === message.left && right === message.right ? message : { ...message, left, right };
    }
    default: {
      const operand = map(message.operand);
      return operand === message.operand ? message : { ...message, operand };
    }
  }
}
