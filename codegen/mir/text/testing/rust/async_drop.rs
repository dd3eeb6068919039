//! Types with `AsyncDrop` in the body of an `async fn`.

#![crate_type = "lib"]
#![feature(async_drop)]
#![allow(incomplete_features)]

use std::future::AsyncDrop;
use std::pin::Pin;

pub struct A(pub u8);
impl Drop for A {
    fn drop(&mut self) {}
}

impl AsyncDrop for A {
    async fn drop(self: Pin<&mut Self>) {
        std::future::ready(()).await
    }
}

pub struct B(A, String, A);
pub async fn f(b: B, n: u8) {
    let a = A(n);
    if n > 3 {
        return;
    }
    let _c = b;
    std::future::ready(a.0).await;
    let _v = vec![A(1), A(2)];
    let _t = (A(1), [A(2), A(3)], Some(A(4)));
}
