#![feature(
    specialization,
    negative_impls,
    auto_traits,
    unboxed_closures,
    fn_traits,
    never_type,
    trait_upcasting,
    fundamental
)]
use std::mem;
pub trait A {
    type X;
    const K: u64;
    fn x(&self) -> Self::X;
    fn k(&self) -> u64 {
        Self::K
    }
}
pub trait B: A<X = u64> {
    fn b(&self) -> u64 {
        self.x() + self.k()
    }
}
impl A for u8 {
    type X = u64;
    const K: u64 = 100;
    fn x(&self) -> u64 {
        *self as u64
    }
}
impl B for u8 {}
impl<T: A> A for [T; 1] {
    type X = T::X;
    const K: u64 = T::K + 1;
    fn x(&self) -> T::X {
        self[0].x()
    }
}
impl<T> B for [T; 1] where T: A<X = u64> {}
pub fn r_super_projection() -> u64 {
    5u8.b() + 1000 * [[7u8]].b()
}
pub fn proj<T>(t: T) -> u64
where
    T: A,
    T::X: Into2,
{
    t.x().into2()
}
pub trait Into2 {
    fn into2(self) -> u64;
}
impl Into2 for u64 {
    fn into2(self) -> u64 {
        self * 2
    }
}
impl Into2 for (u8, u64) {
    fn into2(self) -> u64 {
        self.1
    }
}
impl A for u16 {
    type X = (u8, u64);
    const K: u64 = 3;
    fn x(&self) -> (u8, u64) {
        (1, *self as u64)
    }
}
pub fn r_projection_bounds() -> u64 {
    proj(4u8) + 100 * proj(9u16) + 10000 * proj([6u16])
}
pub trait Blanket {
    fn bl(&self) -> u64;
}
impl<T> Blanket for T
where
    T: A,
    T::X: Into2,
{
    fn bl(&self) -> u64 {
        self.x().into2() + T::K
    }
}
pub fn r_blanket_projection() -> u64 {
    4u8.bl() + [3u16].bl() * 1000
}
pub trait M0 {
    fn m(&self) -> u64;
}
impl<T: ?Sized + M1> M0 for T {
    default fn m(&self) -> u64 {
        self.m1()
    }
}
impl M0 for u8 {
    fn m(&self) -> u64 {
        9
    }
}
impl<T: M0> M0 for [T] {
    fn m(&self) -> u64 {
        self[0].m() + 50
    }
}
pub trait M1 {
    fn m1(&self) -> u64;
}
impl M1 for u8 {
    fn m1(&self) -> u64 {
        1
    }
}
impl M1 for u16 {
    fn m1(&self) -> u64 {
        2
    }
}
impl<T> M1 for [T] {
    fn m1(&self) -> u64 {
        3
    }
}
pub fn m0<T: M0 + ?Sized>(t: &T) -> u64 {
    t.m()
}
pub fn r_special_blanket() -> u64 {
    m0(&1u8) + 10 * m0(&2u16) + 100 * m0(&[1u8, 2] as &[u8]) + 10000 * m0(&[5u16] as &[u16])
}
pub trait Chain3 {
    fn ca(&self) -> u64 {
        1
    }
    fn cb(&self) -> u64 {
        self.ca() * 10
    }
    fn cc(&self) -> u64 {
        self.cb() + self.ca()
    }
}
impl<T> Chain3 for T {
    default fn ca(&self) -> u64 {
        2
    }
    default fn cb(&self) -> u64 {
        self.ca() * 11
    }
    default fn cc(&self) -> u64 {
        7 + self.cb()
    }
}
impl<T, const N: usize> Chain3 for [T; N] {
    default fn ca(&self) -> u64 {
        5
    }
    default fn cb(&self) -> u64 {
        N as u64 + self.ca()
    }
}
impl Chain3 for [u8; 2] {
    fn ca(&self) -> u64 {
        6
    }
}
pub fn ch<T: Chain3>(t: T) -> u64 {
    t.ca() + 100 * t.cb() + 10000 * t.cc()
}
pub fn r_chain_defaults() -> u64 {
    ch(1u8) ^ ch([1u8; 3]) << 8 ^ ch([1u8; 2]) << 20
}
pub trait Stat {
    fn st() -> u64
    where
        Self: Sized,
    {
        1
    }
    fn dy(&self) -> u64 {
        2
    }
}
impl Stat for u8 {
    fn st() -> u64 {
        4
    }
}
impl dyn Stat {
    fn own(&self) -> u64 {
        self.dy() + 10
    }
}
impl<T: Stat + ?Sized> Stat for &T {
    fn dy(&self) -> u64 {
        (**self).dy() + 100
    }
}
pub fn r_where_sized() -> u64 {
    let d: &dyn Stat = &3u8;
    u8::st() + d.own() * 10 + <&dyn Stat as Stat>::st() * 10000 + (&d as &dyn Stat).dy() * 100000
}
pub trait Arity<Args> {
    fn ar(&self) -> u64;
}
impl<F: Fn() -> u64> Arity<()> for F {
    fn ar(&self) -> u64 {
        self()
    }
}
impl<F: Fn(u64) -> u64> Arity<(u64,)> for F {
    fn ar(&self) -> u64 {
        self(1) * 10
    }
}
impl<F: Fn(u64, u64) -> u64> Arity<(u64, u64)> for F {
    fn ar(&self) -> u64 {
        self(1, 2) * 100
    }
}
pub fn arity<A, F: Arity<A>>(f: F) -> u64 {
    f.ar()
}
pub fn r_arity() -> u64 {
    arity(|| 3) + arity(|x: u64| x + 3) + arity(|x: u64, y: u64| x + y)
}
pub trait Ext {
    fn ext(&self) -> u64;
}
impl<T> Ext for Option<T>
where
    T: Ext,
{
    fn ext(&self) -> u64 {
        match self {
            Some(x) => x.ext() + 1,
            None => 0,
        }
    }
}
impl Ext for u8 {
    fn ext(&self) -> u64 {
        *self as u64
    }
}
impl<T: Ext, E: Ext> Ext for Result<T, E> {
    fn ext(&self) -> u64 {
        match self {
            Ok(x) => x.ext() * 2,
            Err(e) => e.ext() * 3,
        }
    }
}
impl<T: Ext + ?Sized> Ext for &T {
    fn ext(&self) -> u64 {
        T::ext(*self)
    }
}
pub fn r_library_types() -> u64 {
    let r: Result<Option<u8>, &Option<u8>> = Ok(Some(4));
    let e: Result<Option<u8>, &Option<u8>> = Err(&Some(5));
    r.ext() + e.ext() * 100 + (&&Some(Some(9u8))).ext() * 10000
}

pub trait Eq2<R: ?Sized = Self> {
    fn eq2(&self, r: &R) -> bool;
}
impl Eq2 for u8 {
    fn eq2(&self, r: &u8) -> bool {
        *self == *r
    }
}
impl<A2: Eq2<B2>, B2> Eq2<[B2]> for [A2] {
    fn eq2(&self, r: &[B2]) -> bool {
        if self.len() != r.len() {
            return false;
        }
        let mut i = 0;
        while i < self.len() {
            if !self[i].eq2(&r[i]) {
                return false;
            }
            i += 1;
        }
        true
    }
}
impl<A2: Eq2<B2>, B2, const N: usize> Eq2<[B2; N]> for [A2; N] {
    fn eq2(&self, r: &[B2; N]) -> bool {
        (self as &[A2]).eq2(r as &[B2])
    }
}
impl Eq2<u16> for u8 {
    fn eq2(&self, r: &u16) -> bool {
        *self as u16 == *r
    }
}
impl<A2: Eq2<B2> + ?Sized, B2: ?Sized> Eq2<&B2> for &A2 {
    fn eq2(&self, r: &&B2) -> bool {
        (**self).eq2(*r)
    }
}
pub fn r_rhs_default() -> u64 {
    3u8.eq2(&3u8) as u64
        + 2 * [1u8, 2].eq2(&[1u8, 2]) as u64
        + 4 * [1u8, 2].eq2(&[1u16, 3]) as u64
        + 8 * (&[1u8, 2]).eq2(&&[1u16, 2]) as u64
}
pub trait Monoid {
    const ZERO: Self;
    fn plus(self, o: Self) -> Self;
}
impl Monoid for u64 {
    const ZERO: u64 = 0;
    fn plus(self, o: u64) -> u64 {
        self + o
    }
}
impl<X: Monoid, Y: Monoid> Monoid for (X, Y) {
    const ZERO: (X, Y) = (X::ZERO, Y::ZERO);
    fn plus(self, o: (X, Y)) -> (X, Y) {
        (self.0.plus(o.0), self.1.plus(o.1))
    }
}
impl<X: Monoid + Copy, const N: usize> Monoid for [X; N] {
    const ZERO: [X; N] = [X::ZERO; N];
    fn plus(self, o: [X; N]) -> [X; N] {
        let mut r = Self::ZERO;
        let mut i = 0;
        while i < N {
            r[i] = self[i].plus(o[i]);
            i += 1;
        }
        r
    }
}
pub fn fold<T: Monoid + Copy>(a: &[T]) -> T {
    let mut r = T::ZERO;
    let mut i = 0;
    while i < a.len() {
        r = r.plus(a[i]);
        i += 1;
    }
    r
}
pub fn r_monoid() -> u64 {
    let r = fold(&[(1u64, [2u64, 3]), (10, [20, 30]), (100, [200, 300])]);
    r.0 + r.1[0] * 1000 + r.1[1] * 1000000
}
pub struct Peano<T>(T);
pub struct O;
pub trait Nat {
    const V: u64;
    type Plus<M: Nat>: Nat;
}
impl Nat for O {
    const V: u64 = 0;
    type Plus<M: Nat> = M;
}
impl<N: Nat> Nat for Peano<N> {
    const V: u64 = N::V + 1;
    type Plus<M: Nat> = Peano<N::Plus<M>>;
}
pub type Two = Peano<Peano<O>>;
pub type Three = Peano<Two>;
pub fn r_peano() -> u64 {
    <<Two as Nat>::Plus<Three> as Nat>::V + 10 * <<<Two as Nat>::Plus<Two> as Nat>::Plus<Two> as Nat>::V
}
pub trait If {
    type T<A1, B1>;
}
pub struct Tr;
pub struct Fa;
impl If for Tr {
    type T<A1, B1> = A1;
}
impl If for Fa {
    type T<A1, B1> = B1;
}
pub struct Cond<C: If>(C::T<u8, [u64; 4]>);
pub fn r_type_if() -> u64 {
    mem::size_of::<Cond<Tr>>() as u64 + 10 * mem::size_of::<Cond<Fa>>() as u64
}
pub trait Dd {
    fn f1(&self) -> u64;
    fn f2(&self) -> u64 {
        20
    }
}
pub trait De: Dd {
    fn g1(&self) -> u64 {
        self.f1() + 1
    }
}
pub trait Df {
    fn h1(&self) -> u64 {
        40
    }
}
pub trait Dg: De + Df + Send {
    fn i1(&self) -> u64 {
        self.g1() + self.h1()
    }
}
impl Dd for u32 {
    fn f1(&self) -> u64 {
        *self as u64
    }
}
impl De for u32 {}
impl Df for u32 {
    fn h1(&self) -> u64 {
        41
    }
}
impl Dg for u32 {}
impl Dd for [u8] {
    fn f1(&self) -> u64 {
        self.len() as u64
    }
}
pub fn r_upcast_chain() -> u64 {
    let g: &dyn Dg = &7u32;
    let e: &dyn De = g;
    let f: &dyn Df = g;
    let d: &dyn Dd = e;
    let d2: &dyn Dd = g;
    g.i1() + 100 * (e.g1() + f.h1()) + 10000 * (d.f1() + d2.f2())
}
pub fn r_upcast_auto() -> u64 {
    let g: &(dyn Dg + Sync) = &7u32;
    let d: &dyn Dd = g;
    let s: &(dyn Dd + Send) = g;
    d.f1() + s.f2()
}
pub trait Gen<T> {
    fn gen(&self) -> T;
}
impl Gen<u8> for u64 {
    fn gen(&self) -> u8 {
        1
    }
}
impl Gen<u16> for u64 {
    fn gen(&self) -> u16 {
        2
    }
}
impl<T, U> Gen<(T, U)> for u64
where
    u64: Gen<T> + Gen<U>,
{
    fn gen(&self) -> (T, U) {
        (self.gen(), self.gen())
    }
}
pub trait GenAll: Gen<u8> + Gen<(u16, u8)> {}
impl GenAll for u64 {}
pub fn r_generic_trait() -> u64 {
    let t: ((u8, u16), (u16, u8)) = 5u64.gen();
    let d: &dyn GenAll = &6u64;
    let (x, y): (u16, u8) = d.gen();
    (t.0).0 as u64 + 10 * (t.0).1 as u64 + 100 * (t.1).0 as u64 + 1000 * x as u64 + 10000 * y as u64
}
pub trait Fnl {
    type Out;
    fn app(self) -> Self::Out;
}
impl<F, R> Fnl for F
where
    F: FnOnce() -> R,
{
    type Out = R;
    fn app(self) -> R {
        self()
    }
}
pub fn r_fn_output() -> u64 {
    let k = 8u64;
    let c = || move || k;
    c.app().app() + (ten as fn() -> u64).app() + ten.app()
}
pub fn ten() -> u64 {
    10
}
pub trait WithConst<const N: usize> {
    const V: [u8; N];
    fn s() -> u64 {
        let mut i = 0;
        let mut s = 0;
        while i < N {
            s += Self::V[i] as u64;
            i += 1;
        }
        s
    }
}
impl WithConst<3> for u8 {
    const V: [u8; 3] = [1, 2, 3];
}
impl<const N: usize> WithConst<N> for u16 {
    const V: [u8; N] = [N as u8; N];
}
pub fn r_const_param_trait() -> u64 {
    <u8 as WithConst<3>>::s() + 100 * <u16 as WithConst<5>>::s()
}
pub struct Mat<const R: usize, const C: usize>([[u64; C]; R]);
impl<const R: usize, const C: usize> Mat<R, C> {
    pub fn mul<const D: usize>(&self, o: &Mat<C, D>) -> Mat<R, D> {
        let mut m = [[0; D]; R];
        let mut i = 0;
        while i < R {
            let mut j = 0;
            while j < D {
                let mut k = 0;
                while k < C {
                    m[i][j] += self.0[i][k] * o.0[k][j];
                    k += 1;
                }
                j += 1;
            }
            i += 1;
        }
        Mat(m)
    }
    pub const CELLS: usize = R * C;
}
pub fn r_matrix() -> u64 {
    let m = Mat([[1, 2, 3], [4, 5, 6]]).mul(&Mat([[1], [2], [3]]));
    m.0[0][0] + 1000 * m.0[1][0] + 1000000 * Mat::<2, 3>::CELLS as u64
}
pub trait Neg1 {}
pub struct Nn;
impl !Neg1 for Nn {}
pub trait Pick {
    fn p(&self) -> u64;
}
impl<T> Pick for T {
    default fn p(&self) -> u64 {
        1
    }
}
impl<T: Neg1> Pick for T {
    fn p(&self) -> u64 {
        2
    }
}
impl Neg1 for u8 {}
pub fn pk<T>(t: T) -> u64 {
    t.p()
}
pub fn r_negative() -> u64 {
    pk(Nn) + 10 * pk(1u8) + 100 * pk(1u16)
}
pub fn iter_like() -> impl Fn(u64) -> u64 + Copy {
    |x| x + 1
}
pub fn r_opaque() -> u64 {
    let f = iter_like();
    f(f(3)) + apply2(iter_like(), 5)
}
pub fn apply2(f: impl Fn(u64) -> u64, x: u64) -> u64 {
    f(f(x))
}
pub struct Guard<'a, T: Closer>(&'a mut u64, T);
pub trait Closer {
    const C: u64;
    fn close(&self) -> u64 {
        Self::C
    }
}
impl Closer for u8 {
    const C: u64 = 3;
}
impl Closer for u16 {
    const C: u64 = 4;
    fn close(&self) -> u64 {
        9
    }
}
impl<'a, T: Closer> Drop for Guard<'a, T> {
    fn drop(&mut self) {
        *self.0 = *self.0 * 10 + self.1.close();
    }
}
pub fn r_generic_drop() -> u64 {
    let mut n = 1;
    {
        let _a = Guard(&mut n, 1u8);
    }
    {
        let _b = Guard(&mut n, 1u16);
    }
    n
}
pub trait P1 {
    fn inc(&mut self) -> u64;
}
pub trait Q1: P1 {
    fn q(&self) -> u64;
}
impl P1 for u64 {
    fn inc(&mut self) -> u64 {
        *self += 1;
        *self
    }
}
impl Q1 for u64 {
    fn q(&self) -> u64 {
        *self * 2
    }
}
pub fn r_upcast_mut() -> u64 {
    let mut n = 5u64;
    {
        let q: &mut dyn Q1 = &mut n;
        let _a = q.q();
        let p: &mut dyn P1 = q;
        p.inc();
        p.inc();
    }
    n
}
pub struct H<T>(T);
impl<T: Closer> H<T> {
    const D: &'static [u64; 2] = &[T::C, T::C * 2];
}
pub fn cell<T: Closer>() -> &'static [u64; 2] {
    H::<T>::D
}
pub fn r_const_ref() -> u64 {
    cell::<u8>()[1] + 10 * cell::<u16>()[0]
}
