//! `async fn`, blocks and closures, the last of which have bodies by reference and by value.

#![crate_type = "lib"]

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

pub struct Yield(bool);
impl Future for Yield {
    type Output = u32;
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<u32> {
        if self.0 {
            Poll::Ready(7)
        } else {
            self.0 = true;
            cx.waker().wake_by_ref();
            Poll::Pending
        }
    }
}

pub struct D(pub String);
impl Drop for D {
    fn drop(&mut self) {
        self.0.clear();
    }
}

pub async fn leaf(x: u32) -> u32 {
    x + Yield(false).await
}

pub async fn chain<T: Clone>(t: &T, d: D) -> Option<T> {
    let e = D(String::new());
    if leaf(1).await > 3 {
        drop(d);
        return None;
    }
    let r = leaf(2).await;
    let _k = e;
    if r == 0 { Some(t.clone()) } else { None }
}

pub async fn many(v: Vec<u32>) -> Result<u32, String> {
    let mut s = 0;
    for x in v.iter() {
        s += leaf(*x).await;
        if s > 100 {
            return Err(format!("{s}"));
        }
    }
    match s {
        0 => Err("z".into()),
        n if n % 2 == 0 => {
            let b = Box::new(n);
            leaf(*b).await;
            Ok(*b)
        }
        n => Ok(n),
    }
}

pub fn block<'a>(s: &'a str) -> impl Future<Output = usize> + 'a {
    async move {
        let n = s.len();
        leaf(n as u32).await as usize
    }
}

pub fn boxed(n: u32) -> Pin<Box<dyn Future<Output = u32> + Send>> {
    Box::pin(async move { if n == 0 { 0 } else { boxed(n - 1).await + 1 } })
}

pub trait Tr {
    async fn go(&self) -> u32;
    fn it(&self) -> impl Iterator<Item = u32>;
}

impl Tr for u32 {
    async fn go(&self) -> u32 {
        leaf(*self).await
    }
    fn it(&self) -> impl Iterator<Item = u32> {
        (0..*self).map(|x| x * 2)
    }
}

pub async fn use_tr<T: Tr>(t: T) -> u32 {
    let a = t.go().await;
    a + t.it().sum::<u32>()
}

pub async fn asyncclos() {
    let mut v = vec![1];
    let mut c = async |x: u32| {
        v.push(x);
        leaf(x).await
    };
    c(3).await;
    c(4).await;
}

pub async fn call_it<F: AsyncFn(u32) -> u32>(f: F) -> u32 {
    f(1).await + f(2).await
}

pub async fn once<F: AsyncFnOnce(D)>(f: F) {
    f(D("x".into())).await
}

pub async fn uses() {
    call_it(async |x| x + 1).await;
    let s = D("q".into());
    once(async move |d| {
        let _a = s;
        let _b = d;
        leaf(3).await;
    })
    .await
}
