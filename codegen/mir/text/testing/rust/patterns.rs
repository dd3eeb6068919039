//! Patterns of all kinds, with guards and with types that the user wrote.

#![feature(let_chains)]
#![crate_type = "lib"]
#![allow(dead_code)]
#[derive(Clone, Debug)]
pub enum E<'a> {
    A,
    B(u32, String),
    C { x: &'a str, y: Option<Box<E<'a>>> },
    D(#[allow(unused)] [u8; 3]),
}

pub fn m<'a>(e: &E<'a>, s: &[u8], t: (i32, char)) -> usize {
    match (e, s, t) {
        (E::A, [], _) => 0,
        (E::B(n @ 1..=9, st), [a, .., b], (i32::MIN..=-1, 'a'..='z')) if st.len() > *n as usize && a == b => 1,
        (E::C { x: "lit", y: None }, [_, rest @ ..], _) if rest.len() > 2 => 2,
        (E::C { y: Some(b), .. }, ..) if matches!(**b, E::A) => 3,
        (E::D([1, 2, _] | [_, _, 3]), ..) => 4,
        (_, [.., 9], (0, _)) => 5,
        _ => 6,
    }
}

pub fn refs(v: &mut Vec<Option<(u8, String)>>) -> Option<&mut String> {
    let Some(Some((1 | 2, s))) = v.last_mut() else { return None };
    Some(s)
}

pub fn strs(s: &str) -> u8 {
    match s {
        "a" => 1,
        "bb" => 2,
        _ if s.is_empty() => 3,
        _ => 4,
    }
}

pub const K: (u8, &str) = (3, "k");
pub fn consts(p: (u8, &str), f: f64, b: &[u8]) -> u8 {
    match p {
        K => 1,
        (0, _) => 2,
        _ => match f {
            1.5 => 3,
            f64::INFINITY => 4,
            ..=0.0 => 7,
            _ => match b {
                b"abc" => 5,
                _ => 6,
            },
        },
    }
}

pub fn asc<'a>(x: &'a str) -> &'a str {
    let y: &'a str = x;
    let _: &'static str = "q";
    let z: Vec<_> = Vec::<&'a str>::new();
    let (a, b): (&'a str, u8) = (y, 1);
    let f = str::len as fn(&'a str) -> usize;
    let _ = z;
    let _ = b;
    let _ = f;
    <&'a str as Into<&'a str>>::into(a)
}

pub fn chain(a: Option<u8>, b: Option<&str>) -> u8 {
    let mut n = 0;
    while let Some(x) = a
        && n < 3
    {
        n += x;
    }
    loop {
        if n > 4 {
            break;
        }
        n += 1;
    }
    let v = 'l: {
        if b.is_none() {
            break 'l 3;
        }
        4
    };
    v + n
}

pub fn boxed(b: Box<(String, Vec<u8>)>) -> String {
    let (s, v) = *b;
    drop(v);
    s
}

pub fn bind(x: Option<String>) -> Option<String> {
    match x {
        ref y @ Some(ref z) if z.len() > 1 => y.clone(),
        y @ None => y,
        Some(z) => Some(z + "!"),
    }
}

pub fn never(x: Result<u8, std::convert::Infallible>) -> u8 {
    let Ok(y) = x;
    y
}

pub fn wild(p: &(String, u8)) {
    let _ = p.0;
    let _ = *p;
    let (_, _) = p;
}

pub unsafe fn placem(p: *const u8) {
    let _ = *p;
}
