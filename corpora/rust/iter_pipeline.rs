//! Signal processing by iterator adaptors of our own: generic chains with closures that capture parameters, `impl Trait` in and out, `dyn` sources.
// expect: 0x4b8dc9101b0f2fe0
#![no_std]

/// What can be sampled, with a rate known at compile time.
trait Source {
    const RATE: u32;
    type Sample: Copy + Into<i64>;

    fn sample(&self, at: usize) -> Option<Self::Sample>;

    fn seconds(&self) -> u64 {
        samples(self).count() as u64 * 1000 / u64::from(Self::RATE)
    }
}

fn samples<S: Source + ?Sized>(source: &S) -> impl Iterator<Item = S::Sample> + '_ {
    (0..).map_while(move |at| source.sample(at))
}

struct Square<const PERIOD: usize> {
    height: i16,
    len: usize,
}

impl<const PERIOD: usize> Source for Square<PERIOD> {
    const RATE: u32 = 8 * PERIOD as u32;
    type Sample = i16;

    fn sample(&self, at: usize) -> Option<i16> {
        (at < self.len).then_some(if at / PERIOD % 2 == 0 { self.height } else { -self.height })
    }
}

struct Table<'a, T> {
    values: &'a [T],
    repeat: usize,
}

impl<T: Copy + Into<i64>> Source for Table<'_, T> {
    const RATE: u32 = 48;
    type Sample = T;

    fn sample(&self, at: usize) -> Option<T> {
        (at / self.values.len() < self.repeat).then(|| self.values[at % self.values.len()])
    }
}

/// Windows of `N` with their number, each seen through `f`.
struct Windowed<I: Iterator, F, const N: usize> {
    inner: I,
    window: [Option<I::Item>; N],
    seen: usize,
    f: F,
}

impl<I, R, F, const N: usize> Iterator for Windowed<I, F, N>
where
    I: Iterator,
    I::Item: Copy,
    F: FnMut(usize, &[Option<I::Item>; N]) -> Option<R>,
{
    type Item = R;

    fn next(&mut self) -> Option<R> {
        loop {
            let item = self.inner.next()?;
            self.window.rotate_left(1);
            *self.window.last_mut()? = Some(item);
            self.seen += 1;
            if self.seen < N {
                continue;
            }
            if let Some(made) = (self.f)(self.seen - N, &self.window) {
                return Some(made);
            }
        }
    }
}

trait Pipeline: Iterator + Sized {
    fn windowed<R, F: FnMut(usize, &[Option<Self::Item>; N]) -> Option<R>, const N: usize>(self, f: F) -> Windowed<Self, F, N> {
        Windowed { inner: self, window: [const { None }; N], seen: 0, f }
    }

    fn digest(self, seed: u64) -> u64
    where
        Self::Item: Into<i64>,
    {
        self.map(Into::into).fold(seed, |sum, value: i64| sum.rotate_left(5) ^ value as u64)
    }
}

impl<I: Iterator> Pipeline for I {}

/// A moving average over `N` samples, scaled; `limit` clips.
fn smooth<S: Source, const N: usize>(source: &S, scale: i64, limit: Option<i64>) -> impl Iterator<Item = i64> + '_ {
    samples(source).windowed(move |_, window: &[Option<S::Sample>; N]| {
        let sum: i64 = window.iter().flatten().map(|&sample| -> i64 { sample.into() }).sum();
        let mean = sum * scale / N as i64;
        Some(limit.map_or(mean, |limit| mean.clamp(-limit, limit)))
    })
}

/// Where the sign changes.
fn crossings<S: Source>(source: &S) -> impl Iterator<Item = i64> + '_ {
    samples(source).windowed(|at, &[before, after]: &[Option<S::Sample>; 2]| {
        let (before, after): (i64, i64) = (before?.into(), after?.into());
        (before.signum() * after.signum() < 0).then_some(at as i64)
    })
}

fn mix<'a>(sources: &mut [&mut (dyn Iterator<Item = i64> + 'a)], weights: &[i64]) -> u64 {
    let mut total = 0u64;
    loop {
        let mut any = false;
        let sum: i64 = sources.iter_mut().zip(weights).filter_map(|(source, weight)| source.next().map(|value| value * weight)).inspect(|_| any = true).sum();
        if !any {
            return total;
        }
        total = total.wrapping_mul(257) ^ sum as u64;
    }
}

fn analyse<S: Source>(source: &S) -> u64 {
    let peaks = smooth::<S, 5>(source, 3, Some(900)).step_by(3).scan(0i64, |last, value| Some(value - core::mem::replace(last, value)));
    let digest = peaks.skip_while(|&step| step == 0).take_while(|&step| step < 5000).digest(S::RATE.into());
    let zeros = crossings(source).digest(source.seconds());
    let mut wide = smooth::<S, 9>(source, 1, None).chain(crossings(source).map(|at| -at));
    let mut thin = smooth::<S, 2>(source, 7, Some(111)).filter(|value| value % 2 != 0);
    digest ^ zeros.rotate_left(17) ^ mix(&mut [&mut wide, &mut thin], &[3, -5])
}

#[no_mangle]
pub fn run() -> u64 {
    let short = [3i8, 9, -27, 81, -100, 44, 0, 0, 1];
    let wide = [70_000i32, -3, 12_345, -54_321, 9, 9, 9];
    [
        analyse(&Square::<6> { height: 700, len: 230 }),
        analyse(&Square::<11> { height: -1234, len: 310 }),
        analyse(&Table { values: &short, repeat: 21 }),
        analyse(&Table { values: &wide[1..], repeat: 17 }),
    ]
    .into_iter()
    .enumerate()
    .fold(0, |sum, (i, part)| sum ^ part.rotate_left(i as u32 * 13))
}
