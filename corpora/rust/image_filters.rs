//! Grey images: box blur by running sums, Sobel edges, threshold by Otsu's method and a 3 x 3 kernel over clamped borders.
// expect: 0xcf260fb9c92cb109
#![no_std]

const WIDTH: usize = 40;
const HEIGHT: usize = 28;

#[derive(Clone)]
struct Image<P> {
    pixels: [[P; WIDTH]; HEIGHT],
}

/// Coordinates may lie outside: the border goes on.
trait Sample {
    type Pixel: Copy;
    fn sample(&self, x: isize, y: isize) -> Self::Pixel;
}

impl<P: Copy> Sample for Image<P> {
    type Pixel = P;
    fn sample(&self, x: isize, y: isize) -> P {
        let x = x.clamp(0, WIDTH as isize - 1) as usize;
        let y = y.clamp(0, HEIGHT as isize - 1) as usize;
        self.pixels[y][x]
    }
}

impl<P: Copy + Default> Image<P> {
    fn build(mut pixel: impl FnMut(isize, isize) -> P) -> Self {
        let mut pixels = [[P::default(); WIDTH]; HEIGHT];
        for (y, row) in pixels.iter_mut().enumerate() {
            for (x, slot) in row.iter_mut().enumerate() {
                *slot = pixel(x as isize, y as isize);
            }
        }
        Image { pixels }
    }

    fn for_each(&self, mut visit: impl FnMut(P)) {
        for row in &self.pixels {
            for &pixel in row {
                visit(pixel);
            }
        }
    }

    fn map<Q: Copy + Default>(&self, f: impl Fn(P) -> Q) -> Image<Q> {
        Image::build(|x, y| f(self.sample(x, y)))
    }
}

fn convolve(image: &Image<u8>, kernel: &[[i32; 3]; 3]) -> Image<i32> {
    Image::build(|x, y| {
        let mut sum = 0;
        for (row, dy) in kernel.iter().zip([-1, 0, 1]) {
            for (factor, dx) in row.iter().zip([-1, 0, 1]) {
                sum += factor * i32::from(image.sample(x + dx, y + dy));
            }
        }
        sum
    })
}

fn box_blur_rows(image: &Image<u8>, radius: isize) -> Image<u8> {
    let mut sum = 0u32;
    let window = 2 * radius as u32 + 1;
    Image::build(|x, y| {
        if x == 0 {
            sum = (-radius..=radius).map(|dx| u32::from(image.sample(dx, y))).sum();
        } else {
            sum += u32::from(image.sample(x + radius, y));
            sum -= u32::from(image.sample(x - radius - 1, y));
        }
        (sum / window) as u8
    })
}

fn sobel(image: &Image<u8>) -> Image<u8> {
    let across = convolve(image, &[[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]);
    let down = convolve(image, &[[-1, -2, -1], [0, 0, 0], [1, 2, 1]]);
    Image::build(|x, y| (across.sample(x, y).unsigned_abs() + down.sample(x, y).unsigned_abs()).min(255) as u8)
}

/// The threshold with the largest variance between the classes.
fn otsu(image: &Image<u8>) -> u8 {
    let mut histogram = [0u64; 256];
    image.for_each(|pixel| histogram[usize::from(pixel)] += 1);
    let total: u64 = histogram.iter().sum();
    let weighted: u64 = (0..256).map(|value| histogram[value] * value as u64).sum();
    let (mut below, mut below_sum) = (0, 0);
    let mut best = (0u8, 0u64);
    for (&count, value) in histogram.iter().zip(0u8..=255) {
        below += count;
        below_sum += count * u64::from(value);
        let Some(mean_above) = (weighted - below_sum).checked_div(total - below) else { break };
        let mean_below = below_sum.checked_div(below).unwrap_or(0);
        let variance = below * (total - below) * mean_above.abs_diff(mean_below).pow(2);
        if variance > best.1 {
            best = (value, variance);
        }
    }
    best.0
}

fn digest<P: Copy + Default>(image: &Image<P>, bits: impl Fn(P) -> u64) -> u64 {
    let mut sum = 0xabcd_u64;
    image.for_each(|pixel| sum = sum.wrapping_mul(257) ^ bits(pixel));
    sum
}

#[no_mangle]
pub fn run() -> u64 {
    let source = Image::build(|x, y| {
        let disc = (x - 18).pow(2) + (y - 12).pow(2) < 80;
        (if disc { 180 } else { 30 }) + ((x * 7 + y * 13) % 23) as u8
    });
    let blurred = box_blur_rows(&source, 2);
    let edges = sobel(&blurred);
    let threshold = otsu(&edges);
    let mask = edges.map(|pixel| pixel > threshold);
    let mut inside = 0;
    mask.for_each(|on| inside += u64::from(on));
    digest(&blurred, u64::from) ^ digest(&edges, u64::from).rotate_left(8) ^ digest(&mask, u64::from) ^ inside << 48 ^ u64::from(threshold)
}
