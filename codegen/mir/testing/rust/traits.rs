#![feature(
    specialization,
    negative_impls,
    auto_traits,
    associated_type_defaults,
    adt_const_params,
    trait_alias,
    trait_upcasting,
    marker_trait_attr,
    never_type,
    ptr_metadata,
    extern_types
)]
use std::marker::PhantomData;
use std::mem;
use std::ops::{Add, Deref, Index, Mul};
// supertraits
pub trait Named {
    fn id(&self) -> u64 {
        1
    }
    const ID: u64 = 10;
}
pub trait Shape: Named {
    fn area(&self) -> u64;
    fn both(&self) -> u64 {
        self.id() * 100 + self.area() + Self::ID * 1000
    }
}
pub trait Solid: Shape + Scale {
    fn volume(&self) -> u64 {
        self.area() * self.factor() + self.id()
    }
}
pub trait Scale {
    fn factor(&self) -> u64 {
        3
    }
}
pub struct Sq(pub u64);
pub struct Ci(pub u64);
impl Named for Sq {}
impl Named for Ci {
    fn id(&self) -> u64 {
        2
    }
    const ID: u64 = 20;
}
impl Shape for Sq {
    fn area(&self) -> u64 {
        self.0 * self.0
    }
}
impl Shape for Ci {
    fn area(&self) -> u64 {
        self.0 * 3
    }
    fn both(&self) -> u64 {
        7 + self.id()
    }
}
impl Scale for Sq {}
impl Scale for Ci {
    fn factor(&self) -> u64 {
        self.0
    }
}
impl Solid for Sq {}
impl Solid for Ci {}
pub fn t_super1() -> u64 {
    Sq(4).both()
}
pub fn t_super2() -> u64 {
    Ci(4).both() + Sq(2).volume() * 100 + Ci(5).volume() * 10000
}
pub fn t_dyn_super() -> u64 {
    let s: [&dyn Solid2; 2] = [&Sq(3), &Ci(3)];
    s[0].area2() + 100 * s[1].area2() + 10000 * s[1].top()
}
pub trait Top {
    fn top(&self) -> u64 {
        5
    }
}
pub trait Mid1: Top {
    fn m1(&self) -> u64 {
        self.top() + 1
    }
}
pub trait Mid2: Top {
    fn m2(&self) -> u64 {
        self.top() + 2
    }
}
pub trait Solid2: Mid1 + Mid2 {
    fn area2(&self) -> u64 {
        self.m1() * self.m2()
    }
}
impl Top for Sq {
    fn top(&self) -> u64 {
        self.0
    }
}
impl Mid1 for Sq {}
impl Mid2 for Sq {}
impl Solid2 for Sq {}
impl Top for Ci {}
impl Mid1 for Ci {
    fn m1(&self) -> u64 {
        9
    }
}
impl Mid2 for Ci {}
impl Solid2 for Ci {}
pub fn t_upcast() -> u64 {
    let s: &dyn Solid2 = &Ci(1);
    let a: &dyn Mid1 = s;
    let b: &dyn Mid2 = s;
    let c: &dyn Top = b;
    a.m1() + 10 * b.m2() + 100 * c.top()
}
// associated constants and types
pub trait Consts {
    const A: u32 = 1;
    const B: u32 = Self::A + 1;
    const C: [u8; 2] = [Self::A as u8, Self::B as u8];
    type T;
    fn size() -> usize {
        mem::size_of::<Self::T>()
    }
}
impl Consts for u8 {
    type T = u16;
}
impl Consts for u16 {
    const A: u32 = 5;
    type T = [u64; 3];
}
impl Consts for u32 {
    const B: u32 = 50;
    type T = ();
}
impl<X: Consts, Y: Consts> Consts for (X, Y) {
    const A: u32 = X::B * Y::B;
    type T = (X::T, Y::T);
}
pub fn t_consts() -> u64 {
    (<u8 as Consts>::B + <u16 as Consts>::B * 10 + <u32 as Consts>::B * 100 + <(u8, u16) as Consts>::B * 100000) as u64
        + <((u8, u8), u16) as Consts>::C[1] as u64 * 100000000
}
pub fn t_assoc_size() -> u64 {
    (<u8 as Consts>::size() + <(u16, u8) as Consts>::size() * 10 + <((u8, u32), u16) as Consts>::size() * 1000) as u64
}
pub trait Dflt {
    type Out = u8;
    fn out() -> usize
    where
        Self: Sized,
    {
        mem::size_of::<Self::Out>()
    }
}
impl Dflt for u8 {}
impl Dflt for u16 {
    type Out = [u16; 9];
}
pub fn t_default_type() -> u64 {
    <u8 as Dflt>::out() as u64 + <u16 as Dflt>::out() as u64 * 10
}
// blanket impls
pub trait Describe {
    fn describe(&self) -> u64;
}
pub trait Extra {
    fn extra(&self) -> u64;
}
impl<T: Named> Describe for T {
    fn describe(&self) -> u64 {
        self.id() + T::ID
    }
}
impl<T: Describe + ?Sized> Extra for T {
    fn extra(&self) -> u64 {
        self.describe() * 2 + mem::size_of_val(self) as u64
    }
}
pub fn t_blanket() -> u64 {
    Sq(1).extra() + Ci(1).extra() * 1000
}
pub trait Kind {
    fn kind() -> u64;
}
impl<T> Kind for Vec3<T> {
    fn kind() -> u64 {
        1
    }
}
impl<T> Kind for [T] {
    fn kind() -> u64 {
        2
    }
}
impl<T, const N: usize> Kind for [T; N] {
    fn kind() -> u64 {
        3 + N as u64
    }
}
impl<T: ?Sized> Kind for &T {
    fn kind() -> u64 {
        4
    }
}
impl<T: ?Sized> Kind for &mut T {
    fn kind() -> u64 {
        5
    }
}
impl<T: ?Sized> Kind for *const T {
    fn kind() -> u64 {
        6
    }
}
impl Kind for str {
    fn kind() -> u64 {
        7
    }
}
impl<A, B> Kind for (A, B) {
    fn kind() -> u64 {
        8
    }
}
impl<A> Kind for (A,) {
    fn kind() -> u64 {
        9
    }
}
impl Kind for () {
    fn kind() -> u64 {
        11
    }
}
impl<A, R> Kind for fn(A) -> R {
    fn kind() -> u64 {
        12
    }
}
impl<R> Kind for fn() -> R {
    fn kind() -> u64 {
        13
    }
}
impl Kind for ! {
    fn kind() -> u64 {
        14
    }
}
impl Kind for dyn Named2 {
    fn kind() -> u64 {
        15
    }
}
impl Kind for dyn Named2 + Send {
    fn kind() -> u64 {
        16
    }
}
pub trait Named2 {}
pub struct Vec3<T>([T; 3]);
pub fn t_kinds() -> u64 {
    let k = [
        <Vec3<u8>>::kind(),
        <[u8]>::kind(),
        <[u16; 4]>::kind(),
        <&str>::kind(),
        <&mut [u8]>::kind(),
        <*const u8>::kind(),
        str::kind(),
        <(u8, u8)>::kind(),
        <(u8,)>::kind(),
        <()>::kind(),
        <fn(u8) -> u16>::kind(),
        <fn()>::kind(),
        <!>::kind(),
        <dyn Named2>::kind(),
        <dyn Named2 + Send>::kind(),
    ];
    let mut h = 0u64;
    let mut i = 0;
    while i < 15 {
        h = h * 17 + k[i];
        i += 1;
    }
    h
}
// specialisation
pub trait Spec {
    fn spec(&self) -> u64;
}
impl<T> Spec for T {
    default fn spec(&self) -> u64 {
        1
    }
}
impl Spec for u8 {
    fn spec(&self) -> u64 {
        2
    }
}
impl<T> Spec for [T; 2] {
    default fn spec(&self) -> u64 {
        3
    }
}
impl Spec for [u16; 2] {
    fn spec(&self) -> u64 {
        4
    }
}
pub fn spec<T>(x: T) -> u64 {
    x.spec()
}
pub fn t_spec() -> u64 {
    spec(1u8) + 10 * spec(1u16) + 100 * spec([1u8; 2]) + 1000 * spec([1u16; 2]) + 10000 * spec([1u16; 3])
}
pub trait SpecTy {
    type R;
    fn mk() -> u64;
}
impl<T> SpecTy for T {
    default type R = u8;
    default fn mk() -> u64 {
        mem::size_of::<<T as SpecTy>::R>() as u64
    }
}
impl SpecTy for u32 {
    type R = u64;
}
pub fn mk<T>() -> u64 {
    <T as SpecTy>::mk() + 100 * mem::size_of::<<T as SpecTy>::R>() as u64
}
pub fn t_spec_type() -> u64 {
    mk::<u8>() + 10000 * mk::<u32>()
}
pub trait SpecMark {
    fn go(&self) -> u64;
}
impl<T> SpecMark for T {
    default fn go(&self) -> u64 {
        1
    }
}
impl<T: Clone2> SpecMark for T {
    default fn go(&self) -> u64 {
        2
    }
}
impl<T: Clone2 + Copy2> SpecMark for T {
    fn go(&self) -> u64 {
        3
    }
}
pub trait Clone2 {}
pub trait Copy2 {}
impl Clone2 for u8 {}
impl Copy2 for u8 {}
impl Clone2 for u16 {}
impl Copy2 for u32 {}
pub fn gogo<T>(x: T) -> u64 {
    x.go()
}
pub fn t_spec_bounds() -> u64 {
    gogo(1u8) + 10 * gogo(1u16) + 100 * gogo(1u32) + 1000 * gogo(1u64)
}
pub trait SpecConst {
    const N: u64;
}
impl<T> SpecConst for T {
    default const N: u64 = 6;
}
impl<T> SpecConst for &T {
    const N: u64 = 7;
}
pub fn n<T: SpecConst>() -> u64 {
    T::N
}
pub fn t_spec_const() -> u64 {
    n::<u8>() + 10 * n::<&u8>() + 100 * n::<&&u8>() + 1000 * n::<[&u8; 1]>()
}
// references
pub trait Peel {
    fn depth(&self) -> u64;
}
impl Peel for u8 {
    fn depth(&self) -> u64 {
        *self as u64
    }
}
impl<T: Peel + ?Sized> Peel for &T {
    fn depth(&self) -> u64 {
        (**self).depth() * 2
    }
}
impl<T: Peel + ?Sized> Peel for &mut T {
    fn depth(&self) -> u64 {
        (**self).depth() * 3
    }
}
impl<T: Peel> Peel for [T] {
    fn depth(&self) -> u64 {
        let mut s = 0;
        let mut i = 0;
        while i < self.len() {
            s += self[i].depth();
            i += 1;
        }
        s
    }
}
impl<T: Peel, const N: usize> Peel for [T; N] {
    fn depth(&self) -> u64 {
        (self as &[T]).depth() + N as u64
    }
}
pub fn peel<T: Peel>(x: T) -> u64 {
    x.depth()
}
pub fn t_peel() -> u64 {
    peel(3u8) + 100 * peel(&&3u8) + 10000 * peel(&mut &3u8) + 1000000 * peel(&[1u8, 2, 3] as &[u8]) + 100000000 * peel([&1u8, &2])
}
pub fn t_dyn_peel() -> u64 {
    let x: &dyn Peel = &5u8;
    peel(x) + peel(&x) * 100 + peel([x, &&7u8]) * 10000
}
// dyn A + B
pub trait Speak {
    fn speak(&self) -> u64;
}
impl Speak for u8 {
    fn speak(&self) -> u64 {
        1
    }
}
impl dyn Speak {
    fn inherent(&self) -> u64 {
        self.speak() + 40
    }
}
impl dyn Speak + Send + Sync {
    fn other(&self) -> u64 {
        self.speak() + 80
    }
}
pub fn t_dyn_auto() -> u64 {
    let a: &(dyn Speak + Send + Sync) = &1u8;
    let b: &(dyn Speak + Send) = a;
    let c: &dyn Speak = b;
    a.other() + 100 * c.inherent() + 10000 * b.speak()
}
pub fn sends<T: IsSend + ?Sized>() -> u64 {
    T::is()
}
pub trait IsSend {
    fn is() -> u64;
}
impl<T: ?Sized> IsSend for T {
    default fn is() -> u64 {
        0
    }
}
impl<T: ?Sized + Send2> IsSend for T {
    fn is() -> u64 {
        1
    }
}
pub unsafe auto trait Send2 {}
impl<T: ?Sized> !Send2 for *const T {}
unsafe impl<T: ?Sized> Send2 for Wrap<T> {}
impl !Send2 for Bad {}
pub struct Wrap<T: ?Sized>(*const T);
pub struct Bad;
pub struct Holds<T>(T, u8);
pub enum Maybe<T> {
    No,
    Yes(T),
}
pub union Un {
    a: u8,
    b: *const u8,
}
pub fn t_auto() -> u64 {
    let k = [
        sends::<u8>(),
        sends::<*const u8>(),
        sends::<&*const u8>(),
        sends::<Wrap<u8>>(),
        sends::<Bad>(),
        sends::<Holds<u8>>(),
        sends::<Holds<Bad>>(),
        sends::<Maybe<Holds<Bad>>>(),
        sends::<[Bad; 2]>(),
        sends::<(u8, Bad)>(),
        sends::<fn(Bad)>(),
        sends::<Un>(),
        sends::<PhantomData<Bad>>(),
        sends::<str>(),
        sends::<[u8]>(),
        sends::<&Wrap<Bad>>(),
        sends::<*mut u8>(),
        sends::<!>(),
        sends::<Option<Bad>>(),
    ];
    let mut h = 0;
    let mut i = 0;
    while i < 19 {
        h = h * 2 + k[i];
        i += 1;
    }
    h
}
pub fn send_closure<F>(_f: F) -> u64 {
    sends::<F>()
}
pub fn t_auto_closure() -> u64 {
    let b = Bad;
    let x = 3u8;
    send_closure(|| {
        let _c = &b;
    }) + 10 * send_closure(move || x)
        + 100 * send_closure(t_auto)
}
pub fn t_auto_dyn() -> u64 {
    sends::<dyn Speak>() + 10 * sends::<dyn Speak2>() + 100 * sends::<&dyn Speak2>()
}
pub trait Speak2: Send2 {}
// higher-ranked bounds
pub trait Get<'a> {
    type Item;
    fn get(&'a self) -> Self::Item;
}
pub struct Buf([u8; 4]);
impl<'a> Get<'a> for Buf {
    type Item = &'a [u8; 4];
    fn get(&'a self) -> &'a [u8; 4] {
        &self.0
    }
}
pub fn hr<T>(t: &T) -> u64
where
    T: for<'a> Get<'a, Item = &'a [u8; 4]>,
{
    t.get()[2] as u64
}
pub fn hrf<F>(f: F) -> u64
where
    F: for<'a> Fn(&'a u64) -> &'a u64,
{
    *f(&7)
}
pub fn t_hr() -> u64 {
    hr(&Buf([1, 2, 3, 4])) + 10 * hrf(|x| x)
}
pub trait Visit {
    fn visit(&self, f: &dyn for<'a> Fn(&'a u8) -> u64) -> u64;
}
impl Visit for [u8; 3] {
    fn visit(&self, f: &dyn for<'a> Fn(&'a u8) -> u64) -> u64 {
        f(&self[0]) + f(&self[2])
    }
}
pub fn t_hr_dyn() -> u64 {
    [1u8, 2, 3].visit(&|x| *x as u64 * 10)
}
// GATs
pub trait Lend {
    type Out<'a, T>
    where
        Self: 'a,
        T: 'a;
    fn lend<'a, T>(&'a self, t: &'a T) -> Self::Out<'a, T>;
    fn size<T: 'static>() -> usize
    where
        Self: 'static,
    {
        mem::size_of::<Self::Out<'static, T>>()
    }
}
impl Lend for u8 {
    type Out<'a, T>
        = (&'a u8, &'a T)
    where
        T: 'a;
    fn lend<'a, T>(&'a self, t: &'a T) -> (&'a u8, &'a T) {
        (self, t)
    }
}
impl Lend for u16 {
    type Out<'a, T>
        = Option<[&'a T; 3]>
    where
        T: 'a;
    fn lend<'a, T>(&'a self, t: &'a T) -> Option<[&'a T; 3]> {
        Some([t; 3])
    }
}
pub fn t_gat() -> u64 {
    let x = 3u32;
    *5u8.lend(&x).1 as u64
        + <u16 as Lend>::size::<u8>() as u64 * 10
        + <u8 as Lend>::size::<u64>() as u64 * 1000
        + *(match 1u16.lend(&9u8) {
            Some(a) => a[2],
            None => &1,
        }) as u64
            * 100000
}
pub trait Family {
    type Of<T>: Holder<T>;
}
pub trait Holder<T> {
    fn hold(t: T) -> Self;
    fn held(self) -> T;
}
pub struct Id;
pub struct Tw;
pub struct Twice<T>(T, T);
impl<T> Holder<T> for (T,) {
    fn hold(t: T) -> (T,) {
        (t,)
    }
    fn held(self) -> T {
        self.0
    }
}
impl<T: Copy> Holder<T> for Twice<T> {
    fn hold(t: T) -> Twice<T> {
        Twice(t, t)
    }
    fn held(self) -> T {
        self.1
    }
}
impl Family for Id {
    type Of<T> = (T,);
}
pub fn fam<F: Family>(x: u64) -> u64 {
    F::Of::<u64>::hold(x).held() + mem::size_of::<F::Of<u16>>() as u64
}
pub fn t_family() -> u64 {
    fam::<Id>(40)
}
// const generics
pub struct Arr<T, const N: usize = 3>([T; N]);
impl<T, const N: usize> Arr<T, N> {
    pub const LEN: usize = N * 2;
    pub fn len(&self) -> usize {
        N + Self::LEN
    }
}
impl Arr<u8> {
    pub fn only(&self) -> u64 {
        77
    }
}
impl<const N: usize> Index<usize> for Arr<u8, N> {
    type Output = u8;
    fn index(&self, i: usize) -> &u8 {
        &self.0[N - 1 - i]
    }
}
pub fn t_const_generic() -> u64 {
    let a: Arr<u8> = Arr([1, 2, 3]);
    let b = Arr([1u16; 7]);
    a.len() as u64 + 100 * b.len() as u64 + 10000 * a.only() + 10000000 * a[0] as u64
}
pub fn t_const_expr() -> u64 {
    mem::size_of::<Arr<u16, { (3 + 4) * 2 }>>() as u64 + Arr::<u8, { usize::BITS as usize / 8 }>::LEN as u64 * 100
}
pub trait Bits {
    const BITS: usize;
}
impl Bits for u8 {
    const BITS: usize = 8;
}
impl Bits for [u8; 4] {
    const BITS: usize = 32;
}
pub fn width<T: Bits>() -> usize {
    let a = [0u16; 16];
    a.len() * T::BITS
}
pub fn t_const_assoc() -> u64 {
    width::<u8>() as u64 + width::<[u8; 4]>() as u64
}
pub trait By<const N: usize> {
    fn by(&self) -> u64;
}
impl By<1> for u8 {
    fn by(&self) -> u64 {
        10
    }
}
impl By<2> for u8 {
    fn by(&self) -> u64 {
        20
    }
}
impl<const N: usize> By<N> for u16 {
    fn by(&self) -> u64 {
        N as u64
    }
}
pub fn t_const_trait() -> u64 {
    By::<1>::by(&0u8) + By::<2>::by(&0u8) * 10 + By::<7>::by(&0u16) * 1000
}
pub struct Flag<const B: bool>;
pub trait Yes {
    fn yes() -> u64;
}
impl Yes for Flag<true> {
    fn yes() -> u64 {
        1
    }
}
impl Yes for Flag<false> {
    fn yes() -> u64 {
        2
    }
}
pub fn t_const_bool() -> u64 {
    <Flag<true> as Yes>::yes() + 10 * <Flag<{ 3 > 4 }> as Yes>::yes()
}
pub struct Chr<const C: char>;
impl<const C: char> Chr<C> {
    fn c() -> u64 {
        C as u64
    }
}
pub struct Neg<const I: i8>;
impl<const I: i8> Neg<I> {
    fn i() -> u64 {
        I as u64
    }
}
pub fn t_const_char() -> u64 {
    Chr::<'x'>::c() ^ Neg::<-3>::i()
}
// operators, default type parameters
pub struct P(u64);
impl Add for P {
    type Output = P;
    fn add(self, o: P) -> P {
        P(self.0 + o.0)
    }
}
impl Add<u64> for P {
    type Output = u64;
    fn add(self, o: u64) -> u64 {
        self.0 * 100 + o
    }
}
impl<'a> Add<&'a P> for P {
    type Output = P;
    fn add(self, o: &'a P) -> P {
        P(self.0 * o.0)
    }
}
impl Mul<P> for u64 {
    type Output = P;
    fn mul(self, p: P) -> P {
        P(self * p.0)
    }
}
pub fn plus<A: Add<B>, B>(a: A, b: B) -> A::Output {
    a + b
}
pub fn t_ops() -> u64 {
    plus(P(1), P(2)).0 + plus(P(3), 4u64) * 10 + plus(P(5), &P(6)).0 * 10000 + (7u64 * P(8)).0 * 1000000
}
pub trait Conv<T = Self> {
    fn conv(self) -> T;
}
impl Conv for u8 {
    fn conv(self) -> u8 {
        self + 1
    }
}
impl Conv<u64> for u8 {
    fn conv(self) -> u64 {
        self as u64 * 2
    }
}
pub fn cv<A: Conv>(a: A) -> A {
    a.conv()
}
pub fn t_default_param() -> u64 {
    cv(4u8) as u64 + 10 * Conv::<u64>::conv(6u8)
}
impl Deref for Sq {
    type Target = u64;
    fn deref(&self) -> &u64 {
        &self.0
    }
}
pub fn t_deref() -> u64 {
    *Sq(9) + Sq(3).pow2()
}
pub trait Pow2 {
    fn pow2(&self) -> u64;
}
impl Pow2 for u64 {
    fn pow2(&self) -> u64 {
        *self * *self
    }
}
// projections, equality bounds, chains
pub trait Chain {
    type Next: Chain;
    const D: u64;
    fn total() -> u64 {
        Self::D + 10 * <Self::Next as Chain>::D
    }
}
pub struct Z;
pub struct S<T>(T);
impl Chain for Z {
    type Next = Z;
    const D: u64 = 0;
}
impl<T: Chain> Chain for S<T> {
    type Next = T;
    const D: u64 = T::D + 1;
}
pub fn t_chain() -> u64 {
    <S<S<S<Z>>> as Chain>::total() + 1000 * <<<S<S<S<Z>>> as Chain>::Next as Chain>::Next as Chain>::D
}
pub trait It {
    type Item;
    fn nxt(&mut self) -> Option<Self::Item>;
    fn sum(mut self) -> u64
    where
        Self: Sized,
        Self::Item: ToU,
    {
        let mut s = 0;
        while let Some(x) = self.nxt() {
            s += x.to();
        }
        s
    }
    fn map<B, F: FnMut(Self::Item) -> B>(self, f: F) -> Map<Self, F>
    where
        Self: Sized,
    {
        Map { it: self, f }
    }
    fn zip<U: It>(self, u: U) -> Zip<Self, U>
    where
        Self: Sized,
    {
        Zip { a: self, b: u }
    }
}
pub trait ToU {
    fn to(self) -> u64;
}
impl ToU for u64 {
    fn to(self) -> u64 {
        self
    }
}
impl<A: ToU, B: ToU> ToU for (A, B) {
    fn to(self) -> u64 {
        self.0.to() * self.1.to()
    }
}
pub struct Up(u64, u64);
impl It for Up {
    type Item = u64;
    fn nxt(&mut self) -> Option<u64> {
        if self.0 < self.1 {
            self.0 += 1;
            Some(self.0)
        } else {
            None
        }
    }
}
pub struct Map<I, F> {
    it: I,
    f: F,
}
impl<B, I: It, F: FnMut(I::Item) -> B> It for Map<I, F> {
    type Item = B;
    fn nxt(&mut self) -> Option<B> {
        match self.it.nxt() {
            Some(x) => Some((self.f)(x)),
            None => None,
        }
    }
}
pub struct Zip<A, B> {
    a: A,
    b: B,
}
impl<A: It, B: It> It for Zip<A, B> {
    type Item = (A::Item, B::Item);
    fn nxt(&mut self) -> Option<(A::Item, B::Item)> {
        match (self.a.nxt(), self.b.nxt()) {
            (Some(x), Some(y)) => Some((x, y)),
            _ => None,
        }
    }
}
pub fn t_iter() -> u64 {
    let mut n = 0u64;
    let s = Up(0, 5)
        .map(|x| {
            n += 1;
            x * x
        })
        .zip(Up(1, 9))
        .sum();
    s + n * 1000
}
pub trait EqTo<T> {
    fn eqto() -> u64;
}
impl<T> EqTo<T> for T {
    default fn eqto() -> u64 {
        1
    }
}
pub trait Asc {
    type A;
}
impl Asc for u8 {
    type A = u16;
}
impl Asc for u32 {
    type A = u16;
}
pub trait Same {
    fn same() -> u64;
}
impl<T: Asc<A = u16>> Same for T {
    fn same() -> u64 {
        mem::size_of::<T::A>() as u64 + mem::size_of::<T>() as u64
    }
}
pub fn t_projection_bound() -> u64 {
    u8::same() + u32::same() * 10 + <u8 as EqTo<u8>>::eqto() * 100
}
// dyn with generics, projections, defaults and where Self: Sized
pub trait Fly<T> {
    type R;
    fn fly(&self, t: T) -> Self::R;
    fn never() -> u64
    where
        Self: Sized,
    {
        3
    }
    fn gen<U>(&self, _u: U) -> u64
    where
        Self: Sized,
    {
        4
    }
    fn dflt(&self) -> u64 {
        6
    }
}
impl Fly<u8> for Z {
    type R = u16;
    fn fly(&self, t: u8) -> u16 {
        t as u16 + 1
    }
}
impl Fly<u32> for Z {
    type R = u64;
    fn fly(&self, t: u32) -> u64 {
        t as u64 * 2
    }
    fn dflt(&self) -> u64 {
        8
    }
}
impl<T, R: Copy> Fly<(T,)> for [R; 2] {
    type R = R;
    fn fly(&self, _t: (T,)) -> R {
        self[1]
    }
}
pub fn t_dyn_generic() -> u64 {
    let a: &dyn Fly<u8, R = u16> = &Z;
    let b: &dyn Fly<u32, R = u64> = &Z;
    let c: &dyn Fly<(u8,), R = u64> = &[5u64, 6];
    a.fly(1) as u64
        + 10 * b.fly(4)
        + 1000 * c.fly((1,))
        + 10000 * a.dflt()
        + 100000 * b.dflt()
        + <Z as Fly<u8>>::never() * 1000000
        + Fly::<u32>::gen(&Z, 1) * 10000000
}
pub trait Cl {
    fn bx(&self) -> u64;
}
impl<F: Fn(u64) -> u64> Cl for F {
    fn bx(&self) -> u64 {
        self(5)
    }
}
pub fn t_fn_blanket() -> u64 {
    let k = 3;
    let c = |x| x * k;
    let d: &dyn Cl = &c;
    c.bx() + d.bx() + (dbl as fn(u64) -> u64).bx() + dbl.bx()
}
pub fn dbl(x: u64) -> u64 {
    x * 2
}
pub trait Sup<T> {
    fn sup(&self) -> u64;
}
pub trait Sub2: Sup<u8> + Sup<u16> {
    fn sub(&self) -> u64 {
        Sup::<u8>::sup(self) + 10 * Sup::<u16>::sup(self)
    }
}
impl Sup<u8> for Z {
    fn sup(&self) -> u64 {
        1
    }
}
impl Sup<u16> for Z {
    fn sup(&self) -> u64 {
        2
    }
}
impl Sub2 for Z {}
pub fn t_dyn_diamond() -> u64 {
    let d: &dyn Sub2 = &Z;
    let a: &dyn Sup<u8> = d;
    let b: &dyn Sup<u16> = d;
    d.sub() + a.sup() * 100 + b.sup() * 1000
}
pub trait Dr {
    fn v(&self) -> u64;
}
pub struct Tail<T: ?Sized> {
    n: u64,
    t: T,
}
impl<T: Dr + ?Sized> Dr for Tail<T> {
    fn v(&self) -> u64 {
        self.n + self.t.v()
    }
}
impl Dr for u16 {
    fn v(&self) -> u64 {
        *self as u64
    }
}
pub fn t_unsized_tail() -> u64 {
    let t: &Tail<dyn Dr> = &Tail { n: 3, t: 7u16 };
    t.v() + mem::size_of_val(t) as u64 * 100 + mem::align_of_val(t) as u64 * 10000
}
pub mod a {
    pub trait Same {
        fn f(&self) -> u64 {
            1
        }
    }
    impl Same for u8 {}
}
pub mod b {
    pub trait Same {
        fn f(&self) -> u64 {
            2
        }
    }
    impl Same for u8 {}
}
pub fn t_same_name() -> u64 {
    a::Same::f(&1u8) + 10 * b::Same::f(&1u8)
}
impl Sq {
    pub fn id(&self) -> u64 {
        1000
    }
}
pub fn t_inherent_first() -> u64 {
    Sq(1).id() + Named::id(&Sq(1))
}
pub trait Stat {
    fn make() -> Self;
    fn v(&self) -> u64;
}
impl Stat for u8 {
    fn make() -> u8 {
        3
    }
    fn v(&self) -> u64 {
        *self as u64
    }
}
impl<T: Stat> Stat for [T; 2] {
    fn make() -> [T; 2] {
        [T::make(), T::make()]
    }
    fn v(&self) -> u64 {
        self[0].v() + self[1].v()
    }
}
impl<T: Stat, U: Stat> Stat for (T, U) {
    fn make() -> (T, U) {
        (T::make(), U::make())
    }
    fn v(&self) -> u64 {
        self.0.v() * self.1.v()
    }
}
pub fn mkv<T: Stat>() -> u64 {
    T::make().v()
}
pub fn t_static_dispatch() -> u64 {
    mkv::<([u8; 2], (u8, [[u8; 2]; 2]))>()
}
pub trait Mark {
    const M: u64;
}
impl<T> Mark for PhantomData<T>
where
    T: Mark,
{
    const M: u64 = T::M * 2;
}
impl Mark for () {
    const M: u64 = 3;
}
impl<T: Mark + ?Sized> Mark for &T {
    const M: u64 = T::M + 1;
}
pub fn t_phantom() -> u64 {
    <PhantomData<&PhantomData<()>> as Mark>::M + mem::size_of::<PhantomData<[u64; 9]>>() as u64
}
pub fn t_type_ids() -> u64 {
    (mem::needs_drop::<Holds<u8>>() as u64)
        + 10 * mem::needs_drop::<Dropy>() as u64
        + 100 * mem::needs_drop::<[Dropy; 0]>() as u64
        + 1000 * mem::needs_drop::<Option<(u8, Dropy)>>() as u64
        + 10000 * mem::needs_drop::<mem::ManuallyDrop<Dropy>>() as u64
        + 100000 * mem::needs_drop::<dyn Speak>() as u64
        + 1000000 * mem::needs_drop::<&Dropy>() as u64
        + 10000000 * mem::needs_drop::<mem::MaybeUninit<Dropy>>() as u64
        + 100000000 * mem::needs_drop::<PhantomData<Dropy>>() as u64
}
pub struct Dropy;
impl Drop for Dropy {
    fn drop(&mut self) {}
}
pub trait Rec {
    fn rec(n: u64) -> u64;
}
impl Rec for u8 {
    fn rec(n: u64) -> u64 {
        if n == 0 {
            1
        } else {
            <u16 as Rec>::rec(n - 1) + 1
        }
    }
}
impl Rec for u16 {
    fn rec(n: u64) -> u64 {
        if n == 0 {
            100
        } else {
            <u8 as Rec>::rec(n - 1) + 10
        }
    }
}
pub fn t_mutual() -> u64 {
    <u8 as Rec>::rec(5)
}
