/**
 * Intrinsics that core declares and the interpreter does not run, each with why. A call of one ends the run without a verdict; that a body
 * mentions it does not.
 */

const REASONS: readonly (readonly [reason: string, names: string])[] = [
  ["it belongs to rustc's own tests of dataflow", "rustc_peek"],
  ["it is an arbitrary address", "return_address"],
  ["it is reflection that rustc evaluates in constants alone", "type_of type_id_vtable size_of_type_id field_offset"],
  ["contracts are off unless rustc is asked for them", "contract_check_requires contract_check_ensures"],
  ["it differentiates a function, by a plugin of LLVM's", "autodiff"],
  ["it is for GPUs", "offload amdgpu_dispatch_ptr gpu_launch_sized_workgroup_mem"],
  [
    "vectors whose length the hardware knows are not modelled",
    "sve_cast sve_tuple_create2 sve_tuple_create3 sve_tuple_create4 sve_tuple_get sve_tuple_set",
  ],
];

const BY_NAME: ReadonlyMap<string, string> = new Map(
  REASONS.flatMap(([reason, names]) => names.split(" ").map((name) => [name, reason])),
);

/** Why the intrinsic of that path is not run; undefined for one that core does not declare, or that is in the table. */
export function refusalOf(path: string): string | undefined {
  return BY_NAME.get(path.slice(path.lastIndexOf(":") + 1));
}
