//! Closures of the three kinds, boxed, captured in parts and coerced to function pointers.

#![crate_type = "lib"]

pub fn mk(n: usize) -> Box<dyn Fn(&str) -> String + Send + 'static> {
    let v: Vec<usize> = (0..n).collect();
    Box::new(move |s| v.iter().map(|x| format!("{s}{x}")).collect())
}

pub fn curry(a: u8) -> impl Fn(u8) -> Box<dyn FnOnce(u8) -> u8> {
    move |b| Box::new(move |c| a ^ b ^ c)
}

pub fn mutcap(v: &mut Vec<(String, u8)>) -> usize {
    let mut n = 0;
    v.retain_mut(|(s, k)| {
        s.push('x');
        *k += 1;
        n += 1;
        s.len() > 2
    });
    let r = &mut n;
    let mut inc = || *r += 1;
    inc();
    inc();
    n
}

pub struct S {
    a: String,
    b: (u8, Vec<u8>),
}

pub fn dis(mut s: S) -> (usize, S) {
    {
        let c = || s.a.len();
        let mut d = || s.b.1.push(1);
        d();
        c();
    }
    let S { a, b } = s;
    let e = move || (a.len(), b.0);
    (e().0, S { a: "".into(), b: (1, vec![]) })
}

pub fn hr(f: for<'a, 'b> fn(&'a u8, &'b mut u8) -> &'a u8, g: impl for<'x> Fn(&'x [u8]) -> &'x u8) -> u8 {
    let mut z = 2;
    *f(&1, &mut z) + *g(&[3])
}

pub fn rec(n: u32) -> u32 {
    fn inner<T: Fn(u32) -> u32>(f: &T, n: u32) -> u32 {
        if n == 0 { 0 } else { f(n) }
    }
    inner(&|x| rec(x - 1) + 1, n)
}

impl S {
    pub fn meth<'a, T: ?Sized + AsRef<str>>(&'a self, t: &T) -> impl Iterator<Item = &'a u8> + use<'a, T> {
        let l = t.as_ref().len();
        self.b.1.iter().filter(move |x| **x as usize > l)
    }
}

pub fn ptr() -> [fn(u8) -> u8; 2] {
    [|x| x + 1, std::convert::identity]
}

pub fn two_phase(v: &mut Vec<usize>) {
    v.push(v.len());
    let w = &mut *v;
    w[0] = w.len();
}
