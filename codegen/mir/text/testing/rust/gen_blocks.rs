//! `gen` and `async gen` functions and blocks.

#![crate_type = "lib"]
#![feature(gen_blocks, async_iterator)]

pub gen fn count(n: u32) -> u32 {
    for i in 0..n {
        yield i * i;
    }
}

pub fn blk(v: Vec<String>) -> impl Iterator<Item = usize> {
    gen move {
        for s in v {
            yield s.len()
        }
    }
}

pub async gen fn ag(n: u32) -> u32 {
    for i in 0..n {
        std::future::ready(i).await;
        yield i
    }
}

pub fn agb() -> impl std::async_iter::AsyncIterator<Item = u8> {
    async gen {
        yield 1;
        std::future::ready(3).await;
        yield 2
    }
}
