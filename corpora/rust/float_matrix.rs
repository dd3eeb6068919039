//! Matrices with sizes in their types: product, transpose, LU decomposition with pivots, determinant and solution.
// expect: 0xcbe09a32c0eb494c
#![no_std]

use core::ops::{Index, IndexMut, Mul};

#[derive(Clone, Copy, PartialEq)]
struct Matrix<const R: usize, const C: usize>([[f64; C]; R]);

impl<const R: usize, const C: usize> Matrix<R, C> {
    fn from_fn(cell: impl Fn(usize, usize) -> f64) -> Self {
        Matrix(core::array::from_fn(|row| core::array::from_fn(|column| cell(row, column))))
    }

    fn transpose(&self) -> Matrix<C, R> {
        Matrix::from_fn(|row, column| self[(column, row)])
    }

    fn rows(&self) -> impl DoubleEndedIterator<Item = &[f64; C]> + ExactSizeIterator {
        self.0.iter()
    }
}

impl<const R: usize, const C: usize> Index<(usize, usize)> for Matrix<R, C> {
    type Output = f64;
    fn index(&self, (row, column): (usize, usize)) -> &f64 {
        &self.0[row][column]
    }
}

impl<const R: usize, const C: usize> IndexMut<(usize, usize)> for Matrix<R, C> {
    fn index_mut(&mut self, (row, column): (usize, usize)) -> &mut f64 {
        &mut self.0[row][column]
    }
}

impl<const R: usize, const K: usize, const C: usize> Mul<&Matrix<K, C>> for &Matrix<R, K> {
    type Output = Matrix<R, C>;
    fn mul(self, other: &Matrix<K, C>) -> Matrix<R, C> {
        let columns = other.transpose();
        let dot = |a: &[f64; K], b: &[f64; K]| a.iter().zip(b).map(|(x, y)| x * y).sum();
        Matrix::from_fn(|row, column| dot(&self.0[row], &columns.0[column]))
    }
}

/// Both triangles in one matrix, the order of the rows, and the sign of that permutation.
struct Lu<const N: usize> {
    packed: Matrix<N, N>,
    order: [usize; N],
    sign: f64,
}

impl<const N: usize> Lu<N> {
    fn decompose(matrix: &Matrix<N, N>) -> Option<Self> {
        let mut packed = *matrix;
        let mut order = core::array::from_fn(|row| row);
        let mut sign = 1.0;
        for k in 0..N {
            let pivot = (k..N).max_by(|&a, &b| packed[(a, k)].abs().total_cmp(&packed[(b, k)].abs()))?;
            if packed[(pivot, k)] == 0.0 {
                return None;
            }
            if pivot != k {
                packed.0.swap(pivot, k);
                order.swap(pivot, k);
                sign = -sign;
            }
            let (upper, lower) = packed.0.split_at_mut(k + 1);
            let pivot_row = &upper[k];
            for row in lower {
                let factor = row[k] / pivot_row[k];
                row[k] = factor;
                for (cell, &above) in row.iter_mut().zip(pivot_row).skip(k + 1) {
                    *cell -= factor * above;
                }
            }
        }
        Some(Lu { packed, order, sign })
    }

    fn determinant(&self) -> f64 {
        (0..N).map(|k| self.packed[(k, k)]).fold(self.sign, Mul::mul)
    }

    fn solve(&self, right: &[f64; N]) -> [f64; N] {
        let mut x = self.order.map(|row| right[row]);
        for row in 0..N {
            x[row] -= (0..row).map(|k| self.packed[(row, k)] * x[k]).sum::<f64>();
        }
        for row in (0..N).rev() {
            let known: f64 = (row + 1..N).map(|k| self.packed[(row, k)] * x[k]).sum();
            x[row] = (x[row] - known) / self.packed[(row, row)];
        }
        x
    }
}

#[no_mangle]
pub fn run() -> u64 {
    let a = Matrix::<16, 20>::from_fn(|r, c| ((r * 7 + c * 3) % 33) as f64 * 0.5 - 8.0);
    let b = Matrix::<20, 16>::from_fn(|r, c| 1.0 / (1 + r + c) as f64);
    let product = &a * &b;
    let mut checksum = 0u64;
    for row in product.rows().rev() {
        checksum = row.iter().fold(checksum, |sum, cell| sum.rotate_left(3) ^ cell.to_bits());
    }
    let system = Matrix::<8, 8>::from_fn(|r, c| if r == c { 0.25 } else { ((r * 5 + c * 11) % 13) as f64 - 6.0 });
    let Some(lu) = Lu::decompose(&system) else { return 1 };
    let right = [1.0, -2.0, 3.5, 0.0, 8.0, -1.25, 6.0, 2.0];
    let x = lu.solve(&right);
    let column = Matrix::<8, 1>::from_fn(|row, _| x[row]);
    let back = &system * &column;
    let close = right.iter().zip(back.rows()).all(|(wanted, [got])| (wanted - got).abs() < 1e-9);
    let singular = Lu::decompose(&Matrix::<3, 3>::from_fn(|r, c| (r * c) as f64)).is_none();
    checksum ^ lu.determinant().to_bits() ^ u64::from(close) << 1 ^ u64::from(singular)
}
