//! A tail call in `mir!`.

#![crate_type = "lib"]
#![feature(custom_mir, core_intrinsics)]
#![allow(internal_features)]

use std::intrinsics::mir::*;

fn identity(x: u8) -> u8 {
    x
}

#[custom_mir(dialect = "runtime", phase = "optimized")]
pub fn tail(a: u8) -> u8 {
    mir! {
        {
            TailCall(identity(a))
        }
    }
}
