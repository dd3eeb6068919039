//! Coroutines: movable and static, with drops and panics between their `yield`s.

#![crate_type = "lib"]
#![feature(coroutines, coroutine_trait, stmt_expr_attributes, gen_blocks, async_iterator)]

use std::ops::{Coroutine, CoroutineState};
use std::pin::Pin;

pub struct D(pub u8);
impl Drop for D {
    fn drop(&mut self) {
        self.0 = 0;
    }
}

pub fn simple() -> impl Coroutine<u32, Yield = u8, Return = String> {
    #[coroutine]
    |mut a: u32| {
        let d = D(1);
        a = yield a as u8;
        a = yield (a + 1) as u8;
        let _e = d;
        format!("{a}")
    }
}

pub fn drive() {
    let mut c = Box::pin(simple());
    match c.as_mut().resume(4) {
        CoroutineState::Yielded(x) => drop(x),
        CoroutineState::Complete(s) => drop(s),
    }
}

pub fn cap(v: Vec<D>) -> impl Coroutine<Yield = D, Return = ()> {
    #[coroutine]
    move || {
        for d in v {
            yield d
        }
    }
}

pub fn nested() -> impl Coroutine<Yield = u8, Return = u8> {
    #[coroutine]
    static || {
        let mut i = #[coroutine]
        || {
            yield 1;
            2
        };
        let mut p = Pin::new(&mut i);
        loop {
            match p.as_mut().resume(()) {
                CoroutineState::Yielded(x) => yield x,
                CoroutineState::Complete(x) => return x,
            }
        }
    }
}

pub fn panics(b: bool) -> impl Coroutine<Yield = u8, Return = ()> {
    #[coroutine]
    move || {
        let _d = D(3);
        if b {
            panic!("no")
        }
        yield 1;
        let _x = [D(1), D(2)];
        yield 2;
    }
}

pub fn stat() -> impl Coroutine<(), Yield = char, Return = usize> {
    #[coroutine]
    static move || {
        let s = String::from("ab");
        let r = &s;
        for c in r.chars() {
            yield c;
        }
        s.len()
    }
}
