//! Trait objects, coerced to those of supertraits.

#![crate_type = "lib"]

pub trait A1 {
    fn a(&self) -> u8;
}

pub trait B1: A1 + Send {
    fn b(&self) -> u8 {
        self.a()
    }
}

pub fn up(b: Box<dyn B1>) -> Box<dyn A1> {
    b
}

pub fn upr<'a>(b: &'a (dyn B1 + Send)) -> &'a dyn A1 {
    b
}
