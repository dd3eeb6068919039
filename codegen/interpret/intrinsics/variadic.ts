/** `va_arg` and its like: what a C-variadic function gets its arguments by. */

import type { VaArgument } from "../va-list.ts";
import type { Intrinsic, IntrinsicCall } from "./intrinsic.ts";

/** Bytes of a `VaList` that say which list it is, and how far it has come. */
const LIST_SIZE = 8;

/** Whether an argument may be taken as `info`: as the same type, as an integer of the same size when both have the value, as another thin pointer. */
function isCompatible(call: IntrinsicCall, { info: passed, at }: VaArgument): boolean {
  const wanted = call.info(0);
  if (wanted === passed) return true;
  if (wanted.size !== passed.size) return false;
  const isPointer = ({ ty, meta }: VaArgument["info"]): boolean =>
    (ty.kind === "ptr" || ty.kind === "ref") && meta === "none";
  if (isPointer(wanted) && isPointer(passed)) return true;
  const isInt = ({ ty }: VaArgument["info"]): boolean => ty.kind === "int" || ty.kind === "uint";
  if (!isInt(wanted) || !isInt(passed)) return false;
  call.memory.checkInit(at, passed.size);
  return wanted.ty.kind === passed.ty.kind || (call.memory.bytes[at + passed.size - 1]! & 0x80) === 0;
}

export const VARIADIC: readonly Intrinsic[] = [
  {
    name: "va_arg",
    signature: "const unsafe fn va_arg<T: VaArgSafe>(ap: &mut VaList<'_>) -> T",
    run: (call) => {
      const pointer = call.pointer(0);
      const at = call.writeAt(pointer, LIST_SIZE, 4);
      call.memory.checkInit(at, LIST_SIZE);
      const { view } = call.memory;
      const number = view.getInt32(at + 4, true);
      const passed = call.vm.vaLists[view.getInt32(at, true)]?.[number];
      if (passed === undefined)
        throw call.ub("callSignature", `\`va_arg\` of argument ${number}, which was not passed`);
      if (!isCompatible(call, passed))
        throw call.ub("callSignature", `\`va_arg\` of ${call.ty(0).text}, and ${passed.info.ty.text} was passed`);
      view.setInt32(at + 4, number + 1, true);
      call.setFromMemory(passed.at);
    },
  },
  {
    name: "va_copy",
    signature: "fn va_copy<'f>(src: &VaList<'f>) -> VaList<'f>",
    run: (call) => {
      const { size, align } = call.site.ret;
      call.setFromMemory(call.readAt(call.pointer(0), size, align));
    },
  },
  {
    name: "va_end",
    signature: "const unsafe fn va_end(ap: &mut VaList<'_>)",
    run: () => undefined,
  },
];
