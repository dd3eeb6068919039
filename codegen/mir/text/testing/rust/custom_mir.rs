//! Bodies in `mir!`, with what the compiler does not write itself.

#![crate_type = "lib"]
#![feature(custom_mir, core_intrinsics)]
#![allow(internal_features, unused_assignments)]

use std::intrinsics::mir::*;

#[custom_mir(dialect = "runtime", phase = "optimized")]
pub fn control(x: &mut (u8, Option<u32>), i: usize) -> u8 {
    mir! {
        type RET = u8;
        let t: [u8; 4];
        let p: *mut u8;
        {
            StorageLive(t);
            t = [3; 4];
            p = &raw mut (*x).0;
            SetDiscriminant((*x).1, 0);
            RET = t[i];
            Goto(switch)
        }
        switch = {
            match RET { 0 => call, 1 => dropped, _ => end }
        }
        call = {
            Call(RET = identity(1), ReturnTo(dropped), UnwindContinue())
        }
        dropped = {
            Drop(*x, ReturnTo(end), UnwindTerminate(ReasonAbi))
        }
        end = {
            StorageDead(t);
            Return()
        }
        cleanup (cleanup) = {
            UnwindResume()
        }
    }
}

fn identity(x: u8) -> u8 {
    x
}

#[custom_mir(dialect = "built")]
pub fn variants(o: Option<(u8, i32)>) -> i32 {
    mir! {
        let d: isize;
        let pair: (u8, i32);
        {
            d = Discriminant(o);
            match d { 1 => some, _ => none }
        }
        some = {
            pair = Field(Variant(o, 1), 0);
            RET = pair.1;
            Return()
        }
        none = {
            RET = const { 3 };
            Return()
        }
    }
}

#[custom_mir(dialect = "analysis", phase = "post-cleanup")]
pub fn checked(a: i32, b: i32) -> (i32, bool) {
    mir! {
        debug first => a;
        {
            RET = Checked(a + b);
            Assume(RET.1);
            Return()
        }
    }
}
