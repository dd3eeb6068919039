/**
 * A program for tests of the whole backend: recursion, an enum with data that is returned through memory, a panic, 128-bit and float
 * arithmetic that calls the runtime.
 */

export const SAMPLE: string = `
struct Point {
    x: u8,
    y: i128,
    z: u16,
}

enum Shape {
    Empty,
    Dot(Point),
    Line(u32, f64),
}

fn fib(_1: u32) -> u64 {
    let mut _0: u64;
    let mut _2: bool;
    let mut _3: u32;
    let mut _4: u64;
    let mut _5: u32;
    let mut _6: u64;

    bb0: {
        _2 = Lt(copy _1, const 2_u32);
        switchInt(move _2) -> [0: bb2, otherwise: bb1];
    }

    bb1: {
        _0 = copy _1 as u64 (IntToInt);
        return;
    }

    bb2: {
        _3 = Sub(copy _1, const 1_u32);
        _4 = fib(move _3) -> [return: bb3, unwind continue];
    }

    bb3: {
        _5 = Sub(copy _1, const 2_u32);
        _6 = fib(move _5) -> [return: bb4, unwind continue];
    }

    bb4: {
        _0 = Add(copy _4, copy _6);
        return;
    }
}

fn shape(_1: u32) -> Shape {
    let mut _0: Shape;
    let mut _2: Point;
    let mut _3: f64;
    let mut _4: i128;
    let mut _5: u8;

    bb0: {
        switchInt(copy _1) -> [0: bb1, 1: bb2, otherwise: bb3];
    }

    bb1: {
        _0 = Shape::Empty;
        return;
    }

    bb2: {
        _4 = const -170141183460469231731687303715884105728_i128;
        _5 = copy _1 as u8 (IntToInt);
        _2 = Point { x: move _5, y: move _4, z: const 515_u16 };
        _0 = Shape::Dot(move _2);
        return;
    }

    bb3: {
        _3 = copy _1 as f64 (IntToFloat);
        _0 = Shape::Line(copy _1, move _3);
        return;
    }
}

fn divide(_1: i32, _2: i32) -> i32 {
    let mut _0: i32;
    let mut _3: bool;

    bb0: {
        _3 = Eq(copy _2, const 0_i32);
        assert(!move _3, "attempt to divide \`{}\` by zero", copy _1) -> [success: bb1, unwind continue];
    }

    bb1: {
        _0 = Div(copy _1, copy _2);
        return;
    }
}

fn input_0() -> () {
    let mut _0: ();
    let mut _1: u32;
    let mut _2: u64;
    let mut _3: ();

    bb0: {
        _1 = black_box::<u32>(const 20_u32) -> [return: bb1, unwind continue];
    }

    bb1: {
        _2 = fib(copy _1) -> [return: bb2, unwind continue];
    }

    bb2: {
        _3 = observe::<u64>(const 7_u32, copy _2) -> [return: bb3, unwind continue];
    }

    bb3: {
        return;
    }
}

fn input_1() -> () {
    let mut _0: ();
    let mut _1: u32;
    let mut _2: Shape;
    let mut _3: ();
    let mut _4: u32;

    bb0: {
        _1 = const 0_u32;
        goto -> bb1;
    }

    bb1: {
        _4 = black_box::<u32>(copy _1) -> [return: bb2, unwind continue];
    }

    bb2: {
        _2 = shape(move _4) -> [return: bb3, unwind continue];
    }

    bb3: {
        _3 = observe::<Shape>(copy _1, copy _2) -> [return: bb4, unwind continue];
    }

    bb4: {
        _1 = Add(copy _1, const 1_u32);
        switchInt(copy _1) -> [4: bb5, otherwise: bb1];
    }

    bb5: {
        return;
    }
}

fn input_2() -> () {
    let mut _0: ();
    let mut _1: i32;
    let mut _2: i32;
    let mut _3: ();

    bb0: {
        _1 = black_box::<i32>(const 0_i32) -> [return: bb1, unwind continue];
    }

    bb1: {
        _2 = divide(const 5_i32, copy _1) -> [return: bb2, unwind continue];
    }

    bb2: {
        _3 = observe::<i32>(const 1_u32, copy _2) -> [return: bb3, unwind continue];
    }

    bb3: {
        return;
    }
}

fn input_3() -> () {
    let mut _0: ();
    let mut _1: i128;
    let mut _2: f32;
    let mut _3: ();
    let mut _4: f32;
    let mut _5: u128;

    bb0: {
        _1 = black_box::<i128>(const -123456789012345678901234567890_i128) -> [return: bb1, unwind continue];
    }

    bb1: {
        _1 = Div(copy _1, const 1000000007_i128);
        _3 = observe::<i128>(const 1_u32, copy _1) -> [return: bb2, unwind continue];
    }

    bb2: {
        _2 = copy _1 as f32 (IntToFloat);
        _4 = Rem(copy _2, const 1000f32);
        _3 = observe::<f32>(const 2_u32, copy _4) -> [return: bb3, unwind continue];
    }

    bb3: {
        _5 = copy _2 as u128 (FloatToInt);
        _3 = observe::<u128>(const 3_u32, copy _5) -> [return: bb4, unwind continue];
    }

    bb4: {
        return;
    }
}
`;
