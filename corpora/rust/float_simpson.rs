//! Quadrature of functions given as `&dyn Fn`: Simpson's rule, adaptive bisection, Romberg's table; polynomials by Horner.
// expect: 0xa4fee61e12668b71
#![no_std]

type Integrand<'a> = &'a dyn Fn(f64) -> f64;

#[derive(Clone, Copy)]
struct Interval {
    low: f64,
    high: f64,
}

impl Interval {
    fn middle(self) -> f64 {
        self.low + 0.5 * (self.high - self.low)
    }

    fn halves(self) -> [Interval; 2] {
        let middle = self.middle();
        [Interval { high: middle, ..self }, Interval { low: middle, ..self }]
    }
}

fn simpson(f: Integrand, on: Interval) -> f64 {
    (on.high - on.low) / 6.0 * (f(on.low) + 4.0 * f(on.middle()) + f(on.high))
}

fn adaptive(f: Integrand, on: Interval, tolerance: f64, depth: u32) -> f64 {
    let whole = simpson(f, on);
    let [left, right] = on.halves();
    let parts = simpson(f, left) + simpson(f, right);
    let error = (parts - whole) / 15.0;
    if depth == 0 || error.abs() <= tolerance {
        return parts + error;
    }
    adaptive(f, left, tolerance * 0.5, depth - 1) + adaptive(f, right, tolerance * 0.5, depth - 1)
}

fn romberg<const N: usize>(f: Integrand, on: Interval) -> f64 {
    let width = on.high - on.low;
    let mut table = [[0.0f64; N]; N];
    for level in 0..N {
        let pieces = 1u32 << level;
        let step = width / f64::from(pieces);
        let inner: f64 = (1..pieces).map(|i| f(on.low + f64::from(i) * step)).sum();
        table[level][0] = step * (0.5 * (f(on.low) + f(on.high)) + inner);
        let mut factor = 1.0;
        for column in 1..=level {
            factor *= 4.0;
            let (better, worse) = (table[level][column - 1], table[level - 1][column - 1]);
            table[level][column] = better + (better - worse) / (factor - 1.0);
        }
    }
    table[N - 1][N - 1]
}

fn horner(coefficients: &[f64]) -> impl Fn(f64) -> f64 + '_ {
    move |x| coefficients.iter().rev().fold(0.0, |sum, &coefficient| sum * x + coefficient)
}

fn compose<A, B>(outer: impl Fn(B) -> A, inner: impl Fn(f64) -> B) -> impl Fn(f64) -> A {
    move |x| outer(inner(x))
}

#[no_mangle]
pub fn run() -> u64 {
    let cubic = horner(&[1.0, -2.0, 0.5, 0.25]);
    let bell = compose(|y: f64| 1.0 / (1.0 + y), |x| x * x);
    let sine = horner(&[0.0, 1.0, 0.0, -1.0 / 6.0, 0.0, 1.0 / 120.0, 0.0, -1.0 / 5040.0]);
    let kink = |x: f64| if x < 0.3 { 0.3 - x } else { 2.0 * (x - 0.3) };
    let functions: [Integrand; 4] = [&cubic, &bell, &sine, &kink];
    let on = Interval { low: -0.5, high: 2.0 };
    let mut checksum = 0u64;
    for (index, f) in functions.into_iter().enumerate() {
        let values = [simpson(f, on), adaptive(f, on, 1e-9, 14), romberg::<8>(f, on)];
        let spread = values[1..].iter().fold(0.0f64, |worst, value| worst.max((value - values[1]).abs()));
        let agree = spread < if index == 3 { 1e-2 } else { 1e-5 };
        checksum = values.iter().fold(checksum << 1 | u64::from(agree), |sum, value| sum.rotate_left(17) ^ value.to_bits());
    }
    // The antiderivative of 1 / (1 + x^2) is the arc tangent: four times it at one is pi.
    let pi = 4.0 * adaptive(&bell, Interval { low: 0.0, high: 1.0 }, 1e-9, 14);
    checksum ^ u64::from((pi - core::f64::consts::PI).abs() < 1e-8)
}
