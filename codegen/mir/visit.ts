/**
 * Walking over and rewriting MIR.
 *
 * A *visitor* is told of every place, operand and local of a body, with how it is used. A *mapper* rebuilds what changed and shares
 * what did not: nothing is changed in place, and a body that comes back unchanged is the same object.
 */

import type {
  AggregateKind,
  AssertKind,
  BasicBlock,
  BasicBlockData,
  Body,
  Const,
  Local,
  NullOp,
  Operand,
  Place,
  PlaceElem,
  Rvalue,
  Statement,
  Terminator,
  UnwindAction,
} from "./syntax.ts";
import type { Ty } from "./ty.ts";

/** How a place is used (after rustc's `PlaceContext`). */
export type PlaceContext = "store" | "copy" | "move" | "borrow" | "inspect" | "call" | "drop" | "retag" | "storage";

export interface Visitor {
  /** Every place, before its parts. */
  place?(place: Place, context: PlaceContext): void;
  /** Every operand, before its place. */
  operand?(operand: Operand): void;
  /** Every constant, before its parts. */
  constant?(value: Const): void;
  /** Every type that is written: in projections, constants, casts, aggregates; not those of locals. */
  ty?(ty: Ty): void;
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
    case "copyNonOverlapping":
      visitOperand(statement.src, visitor);
      visitOperand(statement.dst, visitor);
      visitOperand(statement.count, visitor);
      break;
    case "deinit":
      visitPlace(statement.place, "store", visitor);
      break;
    case "retag":
      visitPlace(statement.place, "retag", visitor);
      break;
    case "nop":
  }
}

export function visitRvalue(rvalue: Rvalue, visitor: Visitor): void {
  switch (rvalue.kind) {
    case "use":
    case "unary":
      visitOperand(rvalue.operand, visitor);
      break;
    case "repeat":
      visitOperand(rvalue.operand, visitor);
      if (rvalue.genericCount !== undefined) visitor.ty?.(rvalue.genericCount);
      break;
    case "cast":
    case "shallowInitBox":
      visitOperand(rvalue.operand, visitor);
      visitor.ty?.(rvalue.ty);
      break;
    case "ref":
    case "rawPtr":
      visitPlace(rvalue.place, "borrow", visitor);
      break;
    case "discriminant":
    case "len":
      visitPlace(rvalue.place, "inspect", visitor);
      break;
    case "binary":
      visitOperand(rvalue.left, visitor);
      visitOperand(rvalue.right, visitor);
      break;
    case "nullary":
      if ("ty" in rvalue.op) visitor.ty?.(rvalue.op.ty);
      break;
    case "threadLocalRef":
      visitor.ty?.(rvalue.ty);
      break;
    case "aggregate":
      if (rvalue.aggregate.kind === "array") visitor.ty?.(rvalue.aggregate.element);
      else if (rvalue.aggregate.kind !== "tuple") visitor.ty?.(rvalue.aggregate.ty);
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
    case "tailCall":
      visitOperand(terminator.func, visitor);
      for (const arg of terminator.args) visitOperand(arg, visitor);
      break;
    case "drop":
      visitPlace(terminator.place, "drop", visitor);
      break;
    case "assert":
      visitOperand(terminator.cond, visitor);
      for (const operand of messageOperands(terminator.message)) visitOperand(operand, visitor);
      break;
    case "goto":
    case "return":
    case "unreachable":
    case "unwindResume":
    case "unwindTerminate":
  }
}

export function visitOperand(operand: Operand, visitor: Visitor): void {
  visitor.operand?.(operand);
  if (operand.kind !== "const") visitPlace(operand.place, operand.kind, visitor);
  else if (visitor.constant !== undefined || visitor.ty !== undefined) visitConst(operand.value, visitor);
}

export function visitConst(value: Const, visitor: Visitor): void {
  visitor.constant?.(value);
  if (visitor.ty !== undefined) {
    if (value.kind === "fn" || value.kind === "unevaluated") for (const arg of value.args) visitor.ty(arg);
    if (value.kind !== "fn") visitor.ty(value.ty);
  }
  if (value.kind === "aggregate") for (const field of value.fields) visitConst(field, visitor);
}

export function visitPlace(place: Place, context: PlaceContext, visitor: Visitor): void {
  visitor.place?.(place, context);
  if (visitor.ty !== undefined) {
    for (const elem of place.projection) if (elem.kind === "field") visitor.ty(elem.ty);
  }
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
    case "misalignedPointerDereference":
      return [message.required, message.found];
    case "nullPointerDereference":
    case "resumedAfterReturn":
    case "resumedAfterPanic":
      return [];
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
    case "drop":
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
  /** Called for every constant, after its parts and types were mapped. */
  constant?(value: Const): Const;
  /** Called for every type that a `Visitor` is told of. */
  ty?(ty: Ty): Ty;
  /** Called for every rvalue, after its parts were mapped. */
  rvalue?(rvalue: Rvalue): Rvalue;
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
  if (mapper.local !== undefined || mapper.ty !== undefined) {
    const local = mapper.local === undefined ? place.local : mapper.local(place.local);
    const projection = mapList(place.projection, (elem) => mapElem(elem, mapper));
    if (local !== place.local || projection !== place.projection) result = { local, projection };
  }
  return mapper.place === undefined ? result : mapper.place(result, context);
}

function mapElem(elem: PlaceElem, mapper: Mapper): PlaceElem {
  if (elem.kind === "index" && mapper.local !== undefined) {
    const index = mapper.local(elem.local);
    return index === elem.local ? elem : { kind: "index", local: index };
  }
  if (elem.kind === "field" && mapper.ty !== undefined) {
    const ty = mapper.ty(elem.ty);
    return ty === elem.ty ? elem : { ...elem, ty };
  }
  return elem;
}

export function mapOperand(operand: Operand, mapper: Mapper): Operand {
  let result = operand;
  if (operand.kind !== "const") {
    const place = mapPlace(operand.place, operand.kind, mapper);
    if (place !== operand.place) result = { kind: operand.kind, place };
  } else if (mapper.constant !== undefined || mapper.ty !== undefined) {
    const value = mapConst(operand.value, mapper);
    if (value !== operand.value) result = { kind: "const", value };
  }
  return mapper.operand === undefined ? result : mapper.operand(result);
}

export function mapConst(value: Const, mapper: Mapper): Const {
  let result = mapper.ty === undefined ? value : mapConstTys(value, mapper.ty.bind(mapper));
  if (result.kind === "aggregate") {
    const fields = mapList(result.fields, (field) => mapConst(field, mapper));
    if (fields !== result.fields) result = { ...result, fields };
  }
  return mapper.constant === undefined ? result : mapper.constant(result);
}

function mapConstTys(value: Const, map: (ty: Ty) => Ty): Const {
  if (value.kind === "fn") {
    const args = mapList(value.args, map);
    return args === value.args ? value : { ...value, args };
  }
  const ty = map(value.ty);
  if (value.kind === "unevaluated") {
    const args = mapList(value.args, map);
    return args === value.args && ty === value.ty ? value : { ...value, args, ty };
  }
  return ty === value.ty ? value : { ...value, ty };
}

export function mapRvalue(rvalue: Rvalue, mapper: Mapper): Rvalue {
  const mapped = mapRvalueParts(rvalue, mapper);
  return mapper.rvalue === undefined ? mapped : mapper.rvalue(mapped);
}

function mapRvalueParts(rvalue: Rvalue, mapper: Mapper): Rvalue {
  switch (rvalue.kind) {
    case "use":
    case "unary": {
      const operand = mapOperand(rvalue.operand, mapper);
      return operand === rvalue.operand ? rvalue : { ...rvalue, operand };
    }
    case "repeat": {
      const operand = mapOperand(rvalue.operand, mapper);
      if (rvalue.genericCount !== undefined) return mapGenericRepeat(rvalue, operand, rvalue.genericCount, mapper);
      return operand === rvalue.operand ? rvalue : { ...rvalue, operand };
    }
    case "cast":
    case "shallowInitBox": {
      const operand = mapOperand(rvalue.operand, mapper);
      const ty = mapTy(rvalue.ty, mapper);
      return operand === rvalue.operand && ty === rvalue.ty ? rvalue : { ...rvalue, operand, ty };
    }
    case "ref":
    case "rawPtr":
    case "discriminant":
    case "len": {
      const inspects = rvalue.kind === "discriminant" || rvalue.kind === "len";
      const place = mapPlace(rvalue.place, inspects ? "inspect" : "borrow", mapper);
      return place === rvalue.place ? rvalue : { ...rvalue, place };
    }
    case "binary": {
      const left = mapOperand(rvalue.left, mapper);
      const right = mapOperand(rvalue.right, mapper);
      return left === rvalue.left && right === rvalue.right ? rvalue : { ...rvalue, left, right };
    }
    case "nullary": {
      const { op } = rvalue;
      const ty = "ty" in op ? mapTy(op.ty, mapper) : undefined;
      return ty === undefined || ("ty" in op && ty === op.ty) ? rvalue : { ...rvalue, op: { ...op, ty } as NullOp };
    }
    case "threadLocalRef": {
      const ty = mapTy(rvalue.ty, mapper);
      return ty === rvalue.ty ? rvalue : { ...rvalue, ty };
    }
    case "aggregate": {
      const operands = mapList(rvalue.operands, (operand) => mapOperand(operand, mapper));
      const aggregate = mapper.ty === undefined ? rvalue.aggregate : mapAggregate(rvalue.aggregate, mapper);
      const same = operands === rvalue.operands && aggregate === rvalue.aggregate;
      return same ? rvalue : { ...rvalue, aggregate, operands };
    }
  }
}

/** Once its count is known, a repetition is a plain one. */
function mapGenericRepeat(
  rvalue: Extract<Rvalue, { kind: "repeat" }>,
  operand: Operand,
  count: Ty,
  mapper: Mapper,
): Rvalue {
  const mapped = mapTy(count, mapper);
  if (mapped.kind === "constArg") return { kind: "repeat", operand, count: Number(mapped.bits) };
  return operand === rvalue.operand && mapped === count ? rvalue : { ...rvalue, operand, genericCount: mapped };
}

function mapTy(ty: Ty, mapper: Mapper): Ty {
  return mapper.ty === undefined ? ty : mapper.ty(ty);
}

/** A definition follows its type: an `adt`'s or a closure's is read from the mapped type. */
function mapAggregate(aggregate: AggregateKind, mapper: Mapper): AggregateKind {
  switch (aggregate.kind) {
    case "tuple":
      return aggregate;
    case "array": {
      const element = mapTy(aggregate.element, mapper);
      return element === aggregate.element ? aggregate : { kind: "array", element };
    }
    case "rawPtr": {
      const ty = mapTy(aggregate.ty, mapper);
      return ty === aggregate.ty ? aggregate : { ...aggregate, ty };
    }
    case "adt": {
      const ty = mapTy(aggregate.ty, mapper);
      if (ty === aggregate.ty) return aggregate;
      return { ...aggregate, ty, def: ty.kind === "adt" ? ty.def : aggregate.def };
    }
    case "closure": {
      const ty = mapTy(aggregate.ty, mapper);
      if (ty === aggregate.ty) return aggregate;
      return { ...aggregate, ty, def: ty.kind === "closure" ? ty.def : aggregate.def };
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
    case "setDiscriminant":
    case "deinit":
    case "retag": {
      const place = mapPlace(statement.place, statement.kind === "retag" ? "retag" : "store", mapper);
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
    case "copyNonOverlapping": {
      const src = mapOperand(statement.src, mapper);
      const dst = mapOperand(statement.dst, mapper);
      const count = mapOperand(statement.count, mapper);
      const same = src === statement.src && dst === statement.dst && count === statement.count;
      return same ? statement : { ...statement, src, dst, count };
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
    case "tailCall": {
      const func = mapOperand(terminator.func, mapper);
      const args = mapList(terminator.args, (arg) => mapOperand(arg, mapper));
      return func === terminator.func && args === terminator.args ? terminator : { ...terminator, func, args };
    }
    case "drop": {
      const place = mapPlace(terminator.place, "drop", mapper);
      const target = block(terminator.target);
      const after = unwind(terminator.unwind);
      const same = place === terminator.place && target === terminator.target && after === terminator.unwind;
      return same ? terminator : { ...terminator, place, target, unwind: after };
    }
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
    case "unwindResume":
    case "unwindTerminate":
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
    case "misalignedPointerDereference": {
      const required = map(message.required);
      const found = map(message.found);
      return required === message.required && found === message.found ? message : { ...message, required, found };
    }
    case "nullPointerDereference":
    case "resumedAfterReturn":
    case "resumedAfterPanic":
      return message;
    default: {
      const operand = map(message.operand);
      return operand === message.operand ? message : { ...message, operand };
    }
  }
}
