/**
 * Targets against the LLVMs and the rustc that are installed.
 */

import { spawnSync } from "node:child_process";
import { expect, it, test } from "vitest";
import { Diagnostic } from "../session/diagnostic.ts";
import { HOST_TARGET, llvmDataLayout, TARGETS, targetByTriple } from "./spec.ts";

const llvms = [14, 16, 19, 22].filter((v) => spawnSync(`llc-${v}`, ["--version"]).status === 0);

test.each(
  TARGETS.flatMap((target) => llvms.map((version) => ({ triple: target.triple, version, target }))),
)("LLVM $version lays out data for $triple as we say", ({ target, version }) => {
  const input = `target triple = "${target.llvmTriple}"\ndefine void @f() { ret void }\n`;
  const run = spawnSync(`llc-${version}`, ["-stop-after=finalize-isel", "-o", "-", "-"], { input, encoding: "utf8" });
  expect(/target datalayout = "([^"]*)"/.exec(run.stdout)?.[1]).toBe(llvmDataLayout(target, version));
});

test.each(TARGETS.map((target) => ({ triple: target.triple, target })))("rustc's spec of $triple is ours", ({
  target,
}) => {
  const args = ["-Zunstable-options", "--print", "target-spec-json", "--target", target.triple];
  const run = spawnSync("rustc", args, { encoding: "utf8", env: { ...process.env, RUSTC_BOOTSTRAP: "1" } });
  const spec = JSON.parse(run.stdout) as Readonly<Record<string, unknown>>;
  expect(spec).toMatchObject({
    "llvm-target": target.llvmTriple,
    arch: target.arch,
    os: target.os,
    "target-pointer-width": 64,
  });
  expect(spec["data-layout"]).toBe(llvmDataLayout(target, 99));
  expect(spec.cpu ?? "generic").toBe(target.defaultCpu);
});

it("names the known targets when one is unknown", () => {
  expect(targetByTriple("x86_64-unknown-linux-gnu")).toBe(HOST_TARGET);
  expect(() => targetByTriple("pdp11")).toThrow(Diagnostic);
});
