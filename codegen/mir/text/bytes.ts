/**
 * Bytes of UTF-8 text as the reader of MIR sees them: their names and their classes.
 *
 * Text is read as bytes because that is how it comes from files, and because an element of a typed array costs less than a character of a string.
 * All that the grammar asks about is ASCII; a byte of a longer sequence counts as part of an identifier.
 */

export const B: {
  readonly NEWLINE: 10;
  readonly SPACE: 32;
  readonly BANG: 33;
  readonly QUOTE2: 34;
  readonly HASH: 35;
  readonly AMPERSAND: 38;
  readonly QUOTE: 39;
  readonly LPAREN: 40;
  readonly RPAREN: 41;
  readonly STAR: 42;
  readonly PLUS: 43;
  readonly COMMA: 44;
  readonly MINUS: 45;
  readonly DOT: 46;
  readonly SLASH: 47;
  readonly ZERO: 48;
  readonly COLON: 58;
  readonly SEMICOLON: 59;
  readonly LESS: 60;
  readonly EQUALS: 61;
  readonly GREATER: 62;
  readonly QUESTION: 63;
  readonly AT: 64;
  readonly LBRACKET: 91;
  readonly BACKSLASH: 92;
  readonly RBRACKET: 93;
  readonly CARET: 94;
  readonly UNDERSCORE: 95;
  readonly LBRACE: 123;
  readonly BAR: 124;
  readonly RBRACE: 125;
} = {
  NEWLINE: 10,
  SPACE: 32,
  BANG: 33,
  QUOTE2: 34,
  HASH: 35,
  AMPERSAND: 38,
  QUOTE: 39,
  LPAREN: 40,
  RPAREN: 41,
  STAR: 42,
  PLUS: 43,
  COMMA: 44,
  MINUS: 45,
  DOT: 46,
  SLASH: 47,
  ZERO: 48,
  COLON: 58,
  SEMICOLON: 59,
  LESS: 60,
  EQUALS: 61,
  GREATER: 62,
  QUESTION: 63,
  AT: 64,
  LBRACKET: 91,
  BACKSLASH: 92,
  RBRACKET: 93,
  CARET: 94,
  UNDERSCORE: 95,
  LBRACE: 123,
  BAR: 124,
  RBRACE: 125,
};

export const IDENT_START = 1;
export const IDENT_PART = 2;
export const DIGIT = 4;
export const SPACE = 8;

/** The classes of each byte, as a set of the bits above. */
export const CLASS: Uint8Array = classTable();

function classTable(): Uint8Array {
  const table = new Uint8Array(256);
  for (let c = 48; c <= 57; c++) table[c] = IDENT_PART | DIGIT;
  for (let c = 65; c <= 90; c++) table[c] = IDENT_START | IDENT_PART;
  for (let c = 97; c <= 122; c++) table[c] = IDENT_START | IDENT_PART;
  table[B.UNDERSCORE] = IDENT_START | IDENT_PART;
  for (let c = 128; c <= 255; c++) table[c] = IDENT_START | IDENT_PART;
  for (const c of [9, 10, 13, 32]) table[c] = SPACE;
  return table;
}
