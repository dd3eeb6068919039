//! Search and dynamic programming: sudoku with bit masks, queens, knapsack, edit distance over `str`, and the game of life.
// expect: 0xca5962f045722dc6
#![no_std]

struct Sudoku {
    cells: [u8; 81],
    rows: [u16; 9],
    columns: [u16; 9],
    boxes: [u16; 9],
    guesses: u32,
}

impl Sudoku {
    fn parse(text: &str) -> Self {
        let mut sudoku = Sudoku { cells: [0; 81], rows: [0x1ff; 9], columns: [0x1ff; 9], boxes: [0x1ff; 9], guesses: 0 };
        for (cell, byte) in text.bytes().enumerate().take(81) {
            if let digit @ b'1'..=b'9' = byte {
                sudoku.toggle(cell, digit - b'0');
            }
        }
        sudoku
    }

    /// Sets a digit, or takes it away again.
    fn toggle(&mut self, cell: usize, digit: u8) {
        let bit = 1 << (digit - 1);
        let (row, column) = (cell / 9, cell % 9);
        self.rows[row] ^= bit;
        self.columns[column] ^= bit;
        self.boxes[row / 3 * 3 + column / 3] ^= bit;
        self.cells[cell] = if self.cells[cell] == 0 { digit } else { 0 };
    }

    fn choices(&self, cell: usize) -> u16 {
        let (row, column) = (cell / 9, cell % 9);
        self.rows[row] & self.columns[column] & self.boxes[row / 3 * 3 + column / 3]
    }

    fn solve(&mut self) -> bool {
        let mut best: Option<(u32, usize)> = None;
        for cell in 0..81 {
            if self.cells[cell] == 0 {
                let count = self.choices(cell).count_ones();
                if best.is_none_or(|(least, _)| count < least) {
                    best = Some((count, cell));
                }
            }
        }
        let Some((_, cell)) = best else { return true };
        let mut choices = self.choices(cell);
        while choices != 0 {
            let digit = choices.trailing_zeros() as u8 + 1;
            choices &= choices - 1;
            self.guesses += 1;
            self.toggle(cell, digit);
            if self.solve() {
                return true;
            }
            self.toggle(cell, digit);
        }
        false
    }
}

fn queens(size: u32, columns: u32, left: u32, right: u32) -> u32 {
    let full = (1 << size) - 1;
    if columns == full {
        return 1;
    }
    let mut free = full & !(columns | left | right);
    let mut solutions = 0;
    while free != 0 {
        let place = free & free.wrapping_neg();
        free ^= place;
        solutions += queens(size, columns | place, (left | place) << 1, (right | place) >> 1);
    }
    solutions
}

fn knapsack<const CAPACITY: usize>(items: &[(usize, u32)]) -> u32 {
    let mut best = [0u32; CAPACITY];
    for &(weight, value) in items {
        for room in (weight..CAPACITY).rev() {
            best[room] = best[room].max(best[room - weight] + value);
        }
    }
    best[CAPACITY - 1]
}

fn edit_distance(a: &str, b: &str) -> usize {
    let mut row = [0usize; 32];
    for (index, cell) in row.iter_mut().enumerate() {
        *cell = index;
    }
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.chars().enumerate() {
            let substituted = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.chars().count()]
}

/// One generation on a torus of 32 by 32, whole rows at a time with carry-save adders.
fn life(rows: &[u32; 32]) -> [u32; 32] {
    core::array::from_fn(|y| {
        let [above, here, below] = [rows[(y + 31) % 32], rows[y], rows[(y + 1) % 32]];
        let (mut ones, mut twos, mut fours) = (0u32, 0u32, 0u32);
        for row in [above, below] {
            for neighbour in [row.rotate_left(1), row, row.rotate_right(1)] {
                let carry = ones & neighbour;
                fours ^= twos & carry;
                twos ^= carry;
                ones ^= neighbour;
            }
        }
        for neighbour in [here.rotate_left(1), here.rotate_right(1)] {
            let carry = ones & neighbour;
            fours ^= twos & carry;
            twos ^= carry;
            ones ^= neighbour;
        }
        twos & !fours & (ones | here)
    })
}

#[no_mangle]
pub fn run() -> u64 {
    let mut sudoku = Sudoku::parse("..9748...7.........2.1.9.....7...24..64.1.59..98...3.....8.3.2.........6...2759..");
    let solved = sudoku.solve();
    let mut checksum = u64::from(solved) ^ u64::from(sudoku.guesses) << 8;
    for &digit in &sudoku.cells {
        checksum = checksum.wrapping_mul(11).wrapping_add(u64::from(digit));
    }
    checksum = checksum.rotate_left(7) ^ u64::from(queens(6, 0, 0, 0)) ^ u64::from(queens(7, 0, 0, 0)) << 8;
    let items = [(12, 40), (7, 30), (20, 91), (5, 11), (9, 33), (14, 60), (3, 10), (8, 31)];
    checksum = checksum.rotate_left(11) ^ u64::from(knapsack::<48>(&items));
    for (a, b) in [("kitten", "sitting"), ("", "größe"), ("intention", "execution"), ("naïveté", "native")] {
        checksum = checksum.rotate_left(5) ^ edit_distance(a, b) as u64;
    }
    let mut rows = [0u32; 32];
    (rows[3], rows[4], rows[5]) = (0b010, 0b001, 0b111);
    (rows[20], rows[21], rows[22]) = (0b0110 << 12, 0b1100 << 12, 0b0100 << 12);
    for _ in 0..40 {
        rows = life(&rows);
    }
    rows.iter().fold(checksum, |sum, row| sum.rotate_left(3) ^ u64::from(*row))
}
