//! Tail calls with `become`.

#![crate_type = "lib"]
#![feature(explicit_tail_calls)]
#![allow(incomplete_features)]

pub fn even(n: u32) -> bool {
    if n == 0 {
        return true;
    }
    become odd(n - 1)
}

pub fn odd(n: u32) -> bool {
    if n == 0 {
        return false;
    }
    become even(n - 1)
}

pub fn dr(n: u32, s: &str) -> usize {
    let d = String::from(s);
    if n == 0 {
        return d.len();
    }
    let _v = vec![1];
    become dr(n - 1, s)
}

pub fn fp(f: fn(u8, &str) -> u8) -> fn(u8, &str) -> u8 {
    f
}

pub fn ptr(x: u8, s: &str) -> u8 {
    let f: fn(u8, &str) -> u8 = ptr;
    become f(x + 1, s)
}
