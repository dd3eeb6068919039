/** Undefined behaviour as it is reported: positions become functions, blocks and statements. */

import type { CompiledFn, PreparedProgram } from "./compile.ts";
import type { UbError, UbFrame, UbTrap } from "./ub.ts";

/** `frames`: innermost first. */
export function reportOf(
  prepared: PreparedProgram,
  trap: UbTrap,
  frames: readonly { readonly fn: CompiledFn; readonly pc: number }[],
  thread: number,
  message: string,
): UbError {
  const backtrace = frames.map(({ fn, pc }) => frameOf(fn, pc));
  const innermost = backtrace[0]!;
  const { allocation } = trap;
  return {
    ...innermost,
    kind: trap.kind,
    message,
    place: frames[0]!.fn.placeText(innermost.block, innermost.statement),
    ...(allocation === undefined ? {} : { allocation: historyOf(prepared, allocation) }),
    notes: notesOf(prepared, trap),
    backtrace,
    thread,
  };
}

function historyOf(
  prepared: PreparedProgram,
  { bornAt, diedAt, ...rest }: NonNullable<UbTrap["allocation"]>,
): UbError["allocation"] {
  const allocatedAt = positionOf(prepared, bornAt);
  const freedAt = diedAt === undefined ? undefined : positionOf(prepared, diedAt);
  return { ...rest, ...(allocatedAt && { allocatedAt }), ...(freedAt && { freedAt }) };
}

function notesOf(prepared: PreparedProgram, trap: UbTrap): UbError["notes"] {
  const { violation, race } = trap;
  const at = (position: number): UbFrame | undefined => positionOf(prepared, position);
  if (violation !== undefined) {
    const { accessed, conflicting, events } = violation;
    return [
      ...(accessed.createdAt < 0 ? [] : [{ what: "the accessed tag was created here", at: at(accessed.createdAt) }]),
      ...(conflicting.tag === accessed.tag
        ? []
        : [{ what: "the conflicting tag was created here", at: at(conflicting.createdAt) }]),
      ...events.flatMap((event) =>
        event.kind === "created" ? [] : [{ what: `the tag was ${event.kind} here`, at: at(event.position) }],
      ),
    ];
  }
  if (race === undefined) return [];
  return [race.first, race.second].map((operation) => ({
    what: `${operation.access} in thread ${operation.thread}`,
    at: at(operation.position),
  }));
}

function positionOf(prepared: PreparedProgram, position: number): UbFrame | undefined {
  const found = prepared.functionAt(position);
  return found === undefined ? undefined : frameOf(found, position - found.positionBase);
}

function frameOf(fn: CompiledFn, pc: number): UbFrame {
  return { function: fn.name, ...fn.positionOf(pc) };
}
