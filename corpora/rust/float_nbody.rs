//! Gravity among five bodies in f64, stepped with a symplectic integrator; square roots by Newton's iteration.
// expect: 0xffcf5262f35bb7a3
#![no_std]

use core::iter::Sum;
use core::ops::{AddAssign, Mul, Sub, SubAssign};

#[derive(Clone, Copy, Default)]
struct Vec3 {
    x: f64,
    y: f64,
    z: f64,
}

impl Vec3 {
    const fn new(x: f64, y: f64, z: f64) -> Self {
        Vec3 { x, y, z }
    }

    fn dot(self, other: Self) -> f64 {
        self.x * other.x + self.y * other.y + self.z * other.z
    }
}

impl Sub for Vec3 {
    type Output = Self;
    fn sub(self, o: Self) -> Self {
        Vec3::new(self.x - o.x, self.y - o.y, self.z - o.z)
    }
}

impl Mul<f64> for Vec3 {
    type Output = Self;
    fn mul(self, k: f64) -> Self {
        Vec3::new(self.x * k, self.y * k, self.z * k)
    }
}

impl AddAssign for Vec3 {
    fn add_assign(&mut self, o: Self) {
        *self = Vec3::new(self.x + o.x, self.y + o.y, self.z + o.z);
    }
}

impl SubAssign for Vec3 {
    fn sub_assign(&mut self, o: Self) {
        *self = *self - o;
    }
}

impl Sum for Vec3 {
    fn sum<I: Iterator<Item = Self>>(terms: I) -> Self {
        terms.fold(Vec3::default(), |mut total, term| {
            total += term;
            total
        })
    }
}

#[derive(Clone, Copy)]
struct Body {
    position: Vec3,
    velocity: Vec3,
    mass: f64,
}

fn sqrt(value: f64) -> f64 {
    // Halving the exponent gives a first guess within a few per cent.
    let guess = f64::from_bits((value.to_bits() >> 1) + (1023 << 51));
    (0..5).fold(guess, |root, _| 0.5 * (root + value / root))
}

struct System<const N: usize> {
    bodies: [Body; N],
}

impl<const N: usize> System<N> {
    /// Gives the first body the velocity that keeps the whole at rest.
    fn balance(&mut self) {
        let momentum: Vec3 = self.bodies.iter().map(|body| body.velocity * body.mass).sum();
        let [sun, ..] = &mut self.bodies[..] else { return };
        sun.velocity -= momentum * (1.0 / sun.mass);
    }

    fn step(&mut self, dt: f64) {
        let mut rest = &mut self.bodies[..];
        while let Some((body, others)) = rest.split_first_mut() {
            for other in others.iter_mut() {
                let delta = body.position - other.position;
                let squared = delta.dot(delta);
                let pull = dt / (squared * sqrt(squared));
                body.velocity -= delta * (other.mass * pull);
                other.velocity += delta * (body.mass * pull);
            }
            body.position += body.velocity * dt;
            rest = others;
        }
    }

    fn energy(&self) -> f64 {
        let kinetic: f64 = self.bodies.iter().map(|body| 0.5 * body.mass * body.velocity.dot(body.velocity)).sum();
        let potential: f64 = self
            .bodies
            .iter()
            .enumerate()
            .flat_map(|(i, a)| self.bodies[i + 1..].iter().map(move |b| (a, b)))
            .map(|(a, b)| {
                let delta = a.position - b.position;
                a.mass * b.mass / sqrt(delta.dot(delta))
            })
            .sum();
        kinetic - potential
    }
}

#[no_mangle]
pub fn run() -> u64 {
    let body =
        |r: f64, v: f64, mass: f64| Body { position: Vec3::new(r, r * 0.25, -0.1), velocity: Vec3::new(-0.1 * v, v, v * 0.125), mass };
    let mut system = System {
        bodies: [body(0.0, 0.0, 39.5), body(1.5, 5.0, 0.04), body(-3.0, -3.5, 0.011), body(6.0, 2.5, 0.0017), body(9.5, -2.0, 0.002)],
    };
    system.balance();
    let before = system.energy();
    for _ in 0..140 {
        system.step(0.01);
    }
    let after = system.energy();
    let kept = (after - before).abs() < before.abs() * 1e-2;
    system
        .bodies
        .iter()
        .flat_map(|body| [body.position.x, body.position.y, body.velocity.z])
        .fold(after.to_bits() ^ kept as u64, |sum, part| sum.rotate_left(9) ^ part.to_bits())
}
