//! Drops that are conditional, partial, in loops, in unwinding, of packed fields and of temporaries.

#![crate_type = "lib"]

pub struct D(pub String);
impl Drop for D {
    fn drop(&mut self) {
        self.0.clear();
    }
}

pub fn cond(b: bool, d: D, mut e: D) -> D {
    let f;
    if b {
        f = d;
    } else {
        e = D("n".into());
        return e;
    }
    if f.0.len() > 2 {
        drop(f);
    }
    e
}

pub fn arr(v: [D; 4], i: usize) -> D {
    let [a, b, ..] = v;
    if i > 2 { a } else { b }
}

pub fn lp(n: usize) -> Vec<D> {
    let mut v = Vec::new();
    let mut last = None;
    for i in 0..n {
        let d = D(i.to_string());
        if i % 3 == 0 {
            last = Some(d);
            continue;
        }
        if i > 10 {
            break;
        }
        v.push(d);
    }
    if let Some(l) = last {
        v.push(l)
    }
    v
}

pub fn boxd(b: Box<D>, c: bool) -> Box<D> {
    let x = b;
    if c {
        let y = *x;
        return Box::new(y);
    }
    x
}

pub fn dynd(b: Box<dyn FnOnce(D) -> D>, d: D) -> D {
    b(d)
}

pub fn part(t: (D, D, D), k: u8) -> D {
    match k {
        0 => t.0,
        1 => t.1,
        _ => t.2,
    }
}

pub fn clos() -> impl FnMut(u8) -> usize {
    let d = D("q".into());
    let mut n = 0;
    move |x| {
        n += x as usize;
        n + d.0.len()
    }
}

pub enum En {
    A(D, D),
    B { x: D },
    C,
}

pub fn en(e: En) -> Option<D> {
    match e {
        En::A(a, _) => Some(a),
        En::B { x } if x.0.is_empty() => None,
        En::B { x } => Some(x),
        En::C => None,
    }
}

pub fn tmp() -> usize {
    let k = match (&D("t".into())).0.as_str() {
        "t" => 1,
        _ => 2,
    };
    k + {
        let x = &D("u".into()).0;
        x.len()
    }
}

pub fn if_let(m: &std::sync::Mutex<Option<String>>) -> usize {
    if let Some(x) = &*m.lock().unwrap() {
        x.len()
    } else {
        m.lock().unwrap().take();
        0
    }
}

pub fn tail() -> usize {
    let c = std::cell::RefCell::new(D("e".into()));
    c.borrow().0.len()
}

pub fn unw(f: fn()) {
    let _a = D("1".into());
    f();
    let _b = D("2".into());
    std::panic::catch_unwind(|| f()).ok();
    f()
}

#[repr(C, packed)]
pub struct P(u8, D2);
pub struct D2(u32);
impl Drop for D2 {
    fn drop(&mut self) {
        self.0 = 0
    }
}

pub fn pk(p: P) -> u8 {
    p.0
}

pub fn repl(d: &mut D, v: &mut Vec<D>) {
    *d = D("r".into());
    v[0] = D("s".into());
}
