//! A naked function, whose body is assembly.

#![crate_type = "lib"]

#[unsafe(naked)]
pub extern "C" fn nk() {
    core::arch::naked_asm!("ret /* {} */", const 3)
}
