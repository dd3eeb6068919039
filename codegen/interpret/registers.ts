/**
 * The register file: 32-bit words, seen through several views, and the state of each register.
 *
 * `S` holds each register's state at its first word: 1 initialised, 0 uninitialised, 2 outside its storage. Pointers take three words:
 * the address's two and the tag.
 */

/** Words of all threads' registers. */
export const REGISTER_WORDS: number = 1 << 22;

export class Registers {
  private readonly buffer: ArrayBuffer = new ArrayBuffer(REGISTER_WORDS * 4);
  readonly R: Int32Array<ArrayBuffer> = new Int32Array(this.buffer);
  readonly D: Float64Array<ArrayBuffer> = new Float64Array(this.buffer);
  readonly G: Float32Array<ArrayBuffer> = new Float32Array(this.buffer);
  readonly Q: BigUint64Array<ArrayBuffer> = new BigUint64Array(this.buffer);
  readonly S: Uint8Array<ArrayBuffer> = new Uint8Array(REGISTER_WORDS);
}
