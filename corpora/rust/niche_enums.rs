//! Enums with niches, nested: options of references, chars, bools and non-zero numbers, and matches through several levels.
// expect: 0xeb82eff963a8c069
#![no_std]

use core::cmp::Ordering;
use core::num::{NonZeroU16, NonZeroU8};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Suit {
    Clubs,
    Diamonds,
    Hearts,
    Spades,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Number(NonZeroU8),
    Face(char),
    Joker { wild: Option<bool> },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Action<'c> {
    Play(&'c (Suit, Rank)),
    Draw(Option<NonZeroU16>),
    Swap(Option<&'c (Suit, Rank)>, Option<Option<bool>>),
    Challenge(Result<Suit, Reason>),
    Pass,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(i16)]
enum Reason {
    Late = -300,
    Early = -1,
    Never = 700,
}

fn card(number: u32) -> (Suit, Rank) {
    let suit = match number % 4 {
        0 => Suit::Clubs,
        1 => Suit::Diamonds,
        2 => Suit::Hearts,
        _ => Suit::Spades,
    };
    let rank = match (number / 4 % 16, NonZeroU8::new((number / 4 % 16) as u8)) {
        (14, _) => Rank::Joker { wild: (number > 30).then_some(number % 3 == 0) },
        (15, _) => Rank::Joker { wild: None },
        (11..=13, _) => Rank::Face(['J', 'Q', 'K'][(number / 4 % 16) as usize - 11]),
        (_, Some(rank)) => Rank::Number(rank),
        (_, None) => Rank::Face('A'),
    };
    (suit, rank)
}

fn action<'c>(cards: &'c [(Suit, Rank)], number: u32) -> Action<'c> {
    let chosen = cards.get(number as usize % (cards.len() + 2));
    match (number >> 4 & 7, chosen) {
        (0..=2, Some(card)) => Action::Play(card),
        (3, _) => Action::Draw(NonZeroU16::new((number >> 7) as u16 & 3)),
        (4, _) => Action::Swap(chosen, [None, Some(None), Some(Some(false)), Some(Some(true))][(number >> 9) as usize & 3]),
        (5, Some((suit, _))) => Action::Challenge(Ok(*suit)),
        (5 | 6, None) => Action::Challenge(Err(Reason::Never)),
        (6, Some((Suit::Hearts, _))) => Action::Challenge(Err(Reason::Late)),
        (6, _) => Action::Challenge(Err(Reason::Early)),
        _ => Action::Pass,
    }
}

fn score(action: Action) -> i32 {
    match action {
        Action::Play((Suit::Hearts, Rank::Face('A'))) => 50,
        Action::Play((_, Rank::Number(n))) if n.get() > 7 => i32::from(n.get()) * 2,
        Action::Play((_, Rank::Number(n))) => n.get().into(),
        Action::Play((suit, Rank::Face(letter @ ('J' | 'Q' | 'K')))) => *letter as i32 + *suit as i32,
        Action::Play((_, Rank::Face(_))) => 11,
        Action::Play((_, Rank::Joker { wild: Some(true) })) => 100,
        Action::Play((_, Rank::Joker { wild: Some(false) | None })) => -25,
        Action::Draw(None) => 0,
        Action::Draw(Some(count)) => -i32::from(count.get()),
        Action::Swap(Some((suit, _)), Some(None)) => *suit as i32 * 3,
        Action::Swap(Some(_), Some(Some(flag))) => 5 + i32::from(flag),
        Action::Swap(None, deep @ (None | Some(Some(_)))) => 9 - i32::from(deep.flatten().unwrap_or(true)),
        Action::Swap(..) => -2,
        Action::Challenge(Ok(suit)) if suit >= Suit::Hearts => 40,
        Action::Challenge(Ok(_)) => 4,
        Action::Challenge(Err(reason)) => reason as i32,
        Action::Pass => -1,
    }
}

/// The sizes show that the niches are used.
const SIZES: u64 = {
    assert!(size_of::<Option<&u8>>() == size_of::<&u8>());
    assert!(size_of::<Option<Option<bool>>>() == 1 && size_of::<Option<Rank>>() == size_of::<Rank>());
    (size_of::<Rank>() + 16 * size_of::<Result<Suit, Reason>>()) as u64
};

#[no_mangle]
pub fn run() -> u64 {
    let cards: [(Suit, Rank); 24] = core::array::from_fn(|index| card(index as u32 * 11 + 3));
    let mut number = 2_463_534_242u32;
    let mut total = 0i64;
    let mut checksum = SIZES;
    let mut last: Option<Action> = None;
    for _ in 0..1500 {
        number ^= number << 13;
        number ^= number >> 17;
        number ^= number << 5;
        let action = action(&cards, number);
        let repeated = last.replace(action) == Some(action);
        total += i64::from(score(action)) << u32::from(repeated);
        checksum = checksum.wrapping_mul(0x0100_0000_01b3) ^ total as u64;
    }
    let sorted = cards.iter().zip(&cards[1..]).filter(|(a, b)| a.cmp(b) != Ordering::Greater).count();
    let best = cards.iter().copied().max_by_key(|&(suit, rank)| (rank, core::cmp::Reverse(suit)));
    checksum ^ (sorted as u64) << 32 ^ u64::from(best == Some((Suit::Clubs, Rank::Joker { wild: Some(true) })))
}
