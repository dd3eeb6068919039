/** Undefined behaviour as it is reported: positions become functions, blocks and statements. */

import { FIRST_TAG, type Tag } from "./borrow-tracker/violation.ts";
import type { CompiledFn, PreparedProgram } from "./compile.ts";
import type { UbError, UbFrame, UbTrap } from "./ub.ts";

/** `frames`: innermost first. */
export function reportOf(
  prepared: PreparedProgram,
  trap: UbTrap,
  frames: readonly { readonly fn: CompiledFn; readonly pc: number }[],
  thread: number,
  message: string,
  /** What the allocation is of. */
  owner: string | undefined,
): UbError {
  const backtrace = frames.map(({ fn, pc }) => frameOf(fn, pc));
  const innermost = backtrace[0]!;
  const { allocation } = trap;
  return {
    ...innermost,
    kind: trap.kind,
    message,
    place: frames[0]!.fn.placeText(innermost.block, innermost.statement),
    ...(allocation === undefined ? {} : { allocation: historyOf(prepared, allocation, owner) }),
    notes: notesOf(prepared, trap),
    backtrace,
    thread,
  };
}

function historyOf(
  prepared: PreparedProgram,
  { bornAt, diedAt, ...rest }: NonNullable<UbTrap["allocation"]>,
  owner: string | undefined,
): UbError["allocation"] {
  // What is there before a program runs is made when it is first used, which tells nothing.
  const isMade = rest.kind === "stack" || rest.kind === "heap";
  const allocatedAt = isMade ? positionOf(prepared, bornAt) : undefined;
  const freedAt = diedAt === undefined ? undefined : positionOf(prepared, diedAt);
  return {
    ...rest,
    ...(owner !== undefined && { owner }),
    ...(allocatedAt && { allocatedAt }),
    ...(freedAt && { freedAt }),
  };
}

function notesOf(prepared: PreparedProgram, trap: UbTrap): UbError["notes"] {
  const { violation, race } = trap;
  const at = (position: number): UbFrame | undefined => positionOf(prepared, position);
  if (violation !== undefined) {
    const { accessed, conflicting, events } = violation;
    const isOther = conflicting.tag !== accessed.tag && conflicting.createdAt >= 0;
    return [
      ...(accessed.createdAt < 0 ? [] : [{ what: "the accessed tag was created here", at: at(accessed.createdAt) }]),
      ...(isOther ? [{ what: "the conflicting tag was created here", at: at(conflicting.createdAt) }] : []),
      ...events.flatMap((event) =>
        event.kind === "created"
          ? []
          : [{ what: `${tagName(event.tag)} was ${event.kind} here`, at: at(event.position) }],
      ),
    ];
  }
  if (race === undefined) return [];
  return [race.first, race.second].map((operation) => ({
    what: `${operation.access} in thread ${operation.thread}`,
    at: at(operation.position),
  }));
}

/** As in the messages of violations. */
function tagName(tag: Tag): string {
  return tag < FIRST_TAG ? "the root tag" : `tag <${tag - FIRST_TAG}>`;
}

function positionOf(prepared: PreparedProgram, position: number): UbFrame | undefined {
  const found = prepared.functionAt(position);
  return found === undefined ? undefined : frameOf(found, position - found.positionBase);
}

function frameOf(fn: CompiledFn, pc: number): UbFrame {
  return { function: fn.name, ...fn.positionOf(pc) };
}
