/**
 * rustc's v0 symbols without what only rustc knows: the hashes of crates, and the numbers of impls in their module. Back references are counted anew.
 * The grammar is that of RFC 2603; the reader knows nothing of how symbols are made here.
 */

/** `symbol` without disambiguators of crates and impls; `undefined` when it has what is not known here: lifetimes that are bound. */
export function withoutDisambiguators(symbol: string): string | undefined {
  const rewriter = new Rewriter(symbol);
  try {
    return rewriter.run();
  } catch (error) {
    if (error === BOUND) return undefined;
    throw error;
  }
}

const BOUND = new Error("a bound lifetime");
const BASIC = "abcdefhijlmnopstuvxyz";

class Rewriter {
  private readonly text: string;
  private at = 2;
  private out = "_R";
  /** Where what stood at a position stands now. */
  private readonly moved = new Map<number, number>();

  constructor(symbol: string) {
    this.text = symbol;
  }

  run(): string {
    this.path();
    if (this.at < this.text.length) this.path();
    if (this.at !== this.text.length) throw new Error(`unread in ${this.text} at ${this.at}`);
    return this.out;
  }

  private peek(): string {
    return this.text[this.at] ?? "";
  }

  private copy(count: number): void {
    this.out += this.text.slice(this.at, this.at + count);
    this.at += count;
  }

  private take(c: string): boolean {
    if (this.peek() !== c) return false;
    this.copy(1);
    return true;
  }

  /** The text of a number in base 62, up to its `_`. */
  private base62(): string {
    const end = this.text.indexOf("_", this.at) + 1;
    const digits = this.text.slice(this.at, end);
    this.at = end;
    return digits;
  }

  private disambiguator(keep: boolean): void {
    if (this.peek() !== "s") return;
    this.at++;
    const number = this.base62();
    if (keep) this.out += `s${number}`;
  }

  private identifier(): void {
    const length = /^u?(\d+)_?/.exec(this.text.slice(this.at));
    if (length === null) throw new Error(`no identifier in ${this.text} at ${this.at}`);
    // A zero is a whole number, whatever digits follow.
    const digits = length[1]!.startsWith("0") ? "0" : length[1]!;
    const head = digits === "0" ? 1 : length[0].length;
    this.copy(head + Number(digits));
  }

  private backReference(): void {
    this.at++;
    const from = decode62(this.base62());
    const to = this.moved.get(from + 2);
    if (to === undefined) throw new Error(`${this.text} refers back to ${from}`);
    this.out += `B${encode62(to - 2)}`;
  }

  private mark(): void {
    this.moved.set(this.at, this.out.length);
  }

  private path(): void {
    if (this.peek() === "B") {
      this.backReference();
      return;
    }
    this.mark();
    const kind = this.peek();
    this.copy(1);
    switch (kind) {
      case "C":
        this.disambiguator(false);
        this.identifier();
        return;
      case "N":
        this.copy(1);
        this.path();
        this.disambiguator(true);
        this.identifier();
        return;
      case "M":
      case "X":
        this.disambiguator(false);
        this.path();
        this.type();
        if (kind === "X") this.path();
        return;
      case "Y":
        this.type();
        this.path();
        return;
      case "I":
        this.path();
        while (!this.take("E")) this.genericArg();
        return;
      default:
        throw new Error(`no path in ${this.text} at ${this.at}`);
    }
  }

  private genericArg(): void {
    if (this.peek() === "L") this.lifetime();
    else if (this.take("K")) this.constant();
    else this.type();
  }

  /** Only the erased one. */
  private lifetime(): void {
    if (!this.text.startsWith("L_", this.at)) throw BOUND;
    this.copy(2);
  }

  private type(): void {
    const kind = this.peek();
    if (BASIC.includes(kind)) {
      this.copy(1);
      return;
    }
    if (kind === "B") {
      this.backReference();
      return;
    }
    if ("CNMXYI".includes(kind)) {
      this.path();
      return;
    }
    this.mark();
    this.copy(1);
    this.compound(kind);
  }

  private compound(kind: string): void {
    switch (kind) {
      case "A":
        this.type();
        this.constant();
        return;
      case "S":
      case "P":
      case "O":
        this.type();
        return;
      case "R":
      case "Q":
        if (this.peek() === "L") this.lifetime();
        this.type();
        return;
      case "T":
        while (!this.take("E")) this.type();
        return;
      case "F":
        this.fnSig();
        return;
      case "D":
        this.dyn();
        return;
      default:
        throw new Error(`no type in ${this.text} at ${this.at}`);
    }
  }

  private fnSig(): void {
    if (this.peek() === "G") throw BOUND;
    this.take("U");
    if (this.take("K") && !this.take("C")) this.identifier();
    while (!this.take("E")) this.type();
    this.type();
  }

  private dyn(): void {
    if (this.peek() === "G") throw BOUND;
    while (!this.take("E")) {
      this.path();
      while (this.take("p")) {
        this.identifier();
        this.type();
      }
    }
    this.lifetime();
  }

  private constant(): void {
    if (this.peek() === "B") {
      this.backReference();
      return;
    }
    this.mark();
    if (this.take("p")) return;
    this.type();
    this.out += this.base62();
  }
}

const DIGITS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

function decode62(text: string): number {
  let value = 0;
  for (const c of text.slice(0, -1)) value = value * 62 + DIGITS.indexOf(c);
  return text === "_" ? 0 : value + 1;
}

function encode62(value: number): string {
  if (value === 0) return "_";
  let digits = "";
  for (let rest = value - 1; digits === "" || rest > 0; rest = Math.floor(rest / 62))
    digits = DIGITS[rest % 62]! + digits;
  return `${digits}_`;
}
