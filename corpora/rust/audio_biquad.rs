//! Audio: a chain of effects as trait objects (biquad sections, an echo, a soft clipper) over a generated signal, in f32.
// expect: 0x6ec72bdba857d115
#![no_std]

/// Works on one sample after the other, and remembers.
trait Effect {
    fn process(&mut self, sample: f32) -> f32;

    fn process_block(&mut self, block: &mut [f32]) {
        for sample in block {
            *sample = self.process(*sample);
        }
    }
}

#[derive(Clone, Copy)]
struct Coefficients {
    b: [f32; 3],
    a: [f32; 2],
}

/// Transposed direct form II.
struct Biquad {
    coefficients: Coefficients,
    state: [f32; 2],
}

impl Biquad {
    const LOW_PASS: Coefficients = Coefficients { b: [0.067_455, 0.134_911, 0.067_455], a: [-1.142_980, 0.412_802] };
    const HIGH_PASS: Coefficients = Coefficients { b: [0.639_945, -1.279_89, 0.639_945], a: [-1.142_980, 0.412_802] };

    fn new(coefficients: Coefficients) -> Self {
        Biquad { coefficients, state: [0.0; 2] }
    }
}

impl Effect for Biquad {
    fn process(&mut self, sample: f32) -> f32 {
        let Coefficients { b: [b0, b1, b2], a: [a1, a2] } = self.coefficients;
        let out = b0 * sample + self.state[0];
        self.state = [b1 * sample - a1 * out + self.state[1], b2 * sample - a2 * out];
        out
    }
}

struct Echo<const DELAY: usize> {
    line: [f32; DELAY],
    at: usize,
    feedback: f32,
}

impl<const DELAY: usize> Effect for Echo<DELAY> {
    fn process(&mut self, sample: f32) -> f32 {
        let out = sample + self.feedback * self.line[self.at];
        self.line[self.at] = out;
        self.at = (self.at + 1) % DELAY;
        out
    }
}

struct SoftClip;

impl Effect for SoftClip {
    fn process(&mut self, sample: f32) -> f32 {
        let x = sample.clamp(-1.0, 1.0);
        x * (1.5 - 0.5 * x * x)
    }
}

/// A chain is an effect itself.
struct Chain<'a, 'b> {
    effects: &'a mut [&'b mut dyn Effect],
    peak: f32,
}

impl Effect for Chain<'_, '_> {
    fn process(&mut self, sample: f32) -> f32 {
        let out = self.effects.iter_mut().fold(sample, |sample, effect| effect.process(sample));
        self.peak = self.peak.max(out.abs());
        out
    }
}

/// A saw tooth with a noise on it.
fn signal() -> impl Iterator<Item = f32> {
    let mut noise = 0x1234_5678u32;
    (0u16..).map(move |n| {
        noise = noise.wrapping_mul(1_103_515_245).wrapping_add(12_345);
        f32::from(n % 50) / 25.0 - 1.0 + (noise >> 20) as f32 / 16_384.0
    })
}

#[no_mangle]
pub fn run() -> u64 {
    let (mut low, mut high) = (Biquad::new(Biquad::LOW_PASS), Biquad::new(Biquad::HIGH_PASS));
    let mut echo = Echo::<37> { line: [0.0; 37], at: 0, feedback: 0.4 };
    let mut clip = SoftClip;
    let mut effects: [&mut dyn Effect; 4] = [&mut low, &mut echo, &mut high, &mut clip];
    let mut chain = Chain { effects: &mut effects, peak: 0.0 };
    let mut block = [0.0f32; 64];
    let mut source = signal();
    let mut checksum = 0u64;
    for _ in 0..30 {
        for (slot, sample) in block.iter_mut().zip(source.by_ref()) {
            *slot = sample;
        }
        chain.process_block(&mut block);
        let quantised = block.iter().map(|&sample| (sample * 32_767.0) as i16);
        checksum = quantised.fold(checksum, |sum, sample| sum.wrapping_mul(65_599) ^ u64::from(sample as u16));
    }
    checksum ^ u64::from(chain.peak.to_bits())
}
