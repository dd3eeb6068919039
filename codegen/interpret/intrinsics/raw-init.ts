/**
 * The assertions of `mem::zeroed` and `mem::uninitialized`: a type without values, or one that the bytes cannot be a value of, ends the
 * process.
 *
 * As rustc_const_eval/src/util/check_validity_requirement.rs (the lax check, which is the default): what may be invalid deeper inside, in
 * arrays and in variants, is let through.
 */

import { primitiveSize } from "../../layout/scalar.ts";
import type { Scalar } from "../../layout/types.ts";
import type { Ty } from "../../mir/ty.ts";
import type { TypeTable } from "../type-info.ts";
import type { Intrinsic } from "./intrinsic.ts";

/** What memory is filled with: uninitialised memory counts as bytes of 1, as rustc fills it. */
type Fill = 0x00 | 0x01;

function allowsFill(table: TypeTable, ty: Ty, fill: Fill): boolean {
  const { layout, uninhabited } = table.of(ty);
  if (uninhabited) return false;
  const allows = ({ primitive, start, end }: Scalar): boolean => {
    let value = 0n;
    for (let i = primitiveSize(table.cx.dataLayout, primitive); i > 0; i--) value = (value << 8n) | BigInt(fill);
    return start <= end ? value >= start && value <= end : value >= start || value <= end;
  };
  const { backendRepr } = layout;
  if (backendRepr.kind === "scalar" && !allows(backendRepr.scalar)) return false;
  if (backendRepr.kind === "scalarPair" && !(allows(backendRepr.a) && allows(backendRepr.b))) return false;
  if (ty.kind === "ref") {
    const pointee = table.of(ty.pointee);
    if (pointee.align > 1 || pointee.size > 0) return false;
  }
  const fields = ty.kind === "adt" && ty.def.repr.simd === true ? [] : table.fieldTysOf(ty);
  return fields.every((field) => allowsFill(table, field, fill));
}

const assertion = (name: string, verb: string, fill: Fill | undefined): Intrinsic => ({
  name,
  signature: `const fn ${name}<T>()`,
  run: (call) => {
    const { ty, uninhabited } = call.info(0);
    if (uninhabited) throw call.abort(`attempted to instantiate uninhabited type \`${ty.text}\``);
    if (fill !== undefined && !allowsFill(call.vm.prepared.table, ty, fill))
      throw call.abort(`attempted to ${verb} type \`${ty.text}\`, which is invalid`);
  },
});

export const RAW_INIT: readonly Intrinsic[] = [
  assertion("assert_inhabited", "instantiate", undefined),
  assertion("assert_zero_valid", "zero-initialize", 0x00),
  assertion("assert_mem_uninitialized_valid", "leave uninitialized", 0x01),
];
