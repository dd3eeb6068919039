//! Inline assembly: every kind of operand, labels, options, templates of several lines; `global_asm!`.

#![crate_type = "lib"]
#![feature(asm_unwind)]

use std::arch::{asm, global_asm};

static S: u32 = 5;
static mut SM: u64 = 1;
global_asm!(".globl q_{0}","q_{0}: ret", const 3);
global_asm!("/* {} */", sym helper);
extern "C" fn helper() {}
pub unsafe fn a(x: u64, p: &mut u64) -> u64 {
    let mut y: u64;
    let z: u32;
    asm!("mov {0}, {1}","add {0}, {2}", out(reg) y, in(reg) x, const 7);
    asm!("xchg {0:e}, eax", inout(reg) *p, inlateout("eax") x as u32=>z, options(nostack));
    asm!("cpuid", inout("eax") 1=>_, out("ecx") _, lateout("edx") _, options(nomem,preserves_flags));
    asm!("nop \"quoted\" # {{x}}, {}", in(xmm_reg) 1.5f64);
    y += z as u64;
    y
}

pub unsafe fn b() {
    asm!("call {}", sym helper, clobber_abi("C"));
    asm!("/* {} {} */", sym S, sym SM);
    asm!("ud2", options(noreturn))
}

pub unsafe fn c(x: u32) -> u32 {
    asm!("test {0:e}, {0:e}; jz {1}", in(reg) x, label { return 1; });
    asm!("jmp {}", label { return 2; }, options(att_syntax));
    3
}

pub unsafe fn d(s: String) {
    asm!("call {}", sym helper, options(may_unwind));
    asm!("", options(may_unwind, noreturn));
}
