//! Trait objects with supertraits: upcasting, default methods, generic helpers over `?Sized`, objects in nested slices.
// expect: 0x737b8bf7aa9072ff
#![no_std]

use core::any::Any;

trait Named {
    fn name(&self) -> &'static str;
}

trait Measured {
    fn area(&self) -> u64;

    /// Overridden by some.
    fn perimeter(&self) -> u64 {
        4 * self.area().isqrt()
    }
}

trait Shape: Named + Measured + Any {
    fn scale(&mut self, by: u64);

    fn describe(&self) -> u64 {
        let name = self.name().bytes().fold(0u64, |sum, byte| sum * 31 + u64::from(byte));
        name ^ self.area() << 20 ^ self.perimeter() << 40
    }
}

#[derive(Clone)]
struct Square(u64);

#[derive(Clone)]
struct Rectangle {
    width: u64,
    height: u64,
}

/// Holds another object: the methods go through.
struct Framed<'a> {
    inside: &'a mut dyn Shape,
    border: u64,
}

impl Named for Square {
    fn name(&self) -> &'static str {
        "square"
    }
}

impl Measured for Square {
    fn area(&self) -> u64 {
        self.0.pow(2)
    }
}

impl Shape for Square {
    fn scale(&mut self, by: u64) {
        self.0 *= by;
    }
}

impl Named for Rectangle {
    fn name(&self) -> &'static str {
        if self.width == self.height {
            "rectangle, square"
        } else {
            "rectangle"
        }
    }
}

impl Measured for Rectangle {
    fn area(&self) -> u64 {
        self.width * self.height
    }

    fn perimeter(&self) -> u64 {
        2 * (self.width + self.height)
    }
}

impl Shape for Rectangle {
    fn scale(&mut self, by: u64) {
        self.width *= by;
        self.height *= by;
    }

    fn describe(&self) -> u64 {
        !(self.width << 32 | self.height)
    }
}

impl Named for Framed<'_> {
    fn name(&self) -> &'static str {
        self.inside.name()
    }
}

impl Measured for Framed<'_> {
    fn area(&self) -> u64 {
        let inside: &dyn Measured = &*self.inside;
        inside.area() + self.border * inside.perimeter() + 4 * self.border.pow(2)
    }
}

/// Not a `Shape`, for it borrows: only its parts are wanted.
fn total(parts: &[&[&dyn Measured]]) -> u64 {
    parts.iter().flat_map(|group| group.iter()).map(|part| part.area() * 3 + part.perimeter()).sum()
}

fn named_twice<T: Named + ?Sized>(named: &T) -> usize {
    named.name().len() * 2
}

fn grow(shapes: &mut [&mut dyn Shape], by: u64) {
    for (index, shape) in shapes.iter_mut().enumerate().filter(|(index, _)| index % 2 == 0) {
        shape.scale(by + index as u64);
    }
}

fn widest<'s>(shapes: &[&'s dyn Shape]) -> Option<&'s Rectangle> {
    let rectangles = shapes.iter().filter_map(|shape| (*shape as &dyn Any).downcast_ref::<Rectangle>());
    rectangles.max_by_key(|rectangle| rectangle.width)
}

#[no_mangle]
pub fn run() -> u64 {
    let (mut small, mut big) = (Square(2), Square(5));
    let (mut flat, mut tall) = (Rectangle { width: 7, height: 3 }, Rectangle { width: 2, height: 11 });
    let mut checksum = 0u64;
    for round in 1..100 {
        let mut shapes: [&mut dyn Shape; 4] = [&mut small, &mut flat, &mut big, &mut tall];
        grow(&mut shapes, round % 3);
        for shape in &shapes {
            checksum = checksum.rotate_left(5) ^ shape.describe() ^ named_twice(*shape) as u64;
        }
        let shared: [&dyn Shape; 4] = shapes.map(|shape| &*shape);
        let wide = widest(&shared).map_or(0, |rectangle| rectangle.width);
        let measured: [&dyn Measured; 2] = [shared[0], shared[3]];
        checksum ^= total(&[&measured, &[], &measured[1..]]) ^ wide << 50;
        let named: &dyn Named = shared[(round % 4) as usize];
        checksum = checksum.wrapping_add(named_twice(named) as u64);
        let framed = Framed { inside: if round % 2 == 0 { &mut small } else { &mut tall }, border: round };
        checksum = checksum.wrapping_mul(3) ^ framed.area() ^ named_twice(&framed) as u64;
        if round % 4 == 0 {
            small = Square(round);
            big = Square(small.0 + 1);
            (flat, tall) = (Rectangle { width: tall.height % 100, height: 9 }, flat.clone());
            tall.width %= 50;
            tall.height %= 50;
        }
    }
    checksum
}
