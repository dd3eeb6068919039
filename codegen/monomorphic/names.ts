/** Names of monomorphic items: the last part of the path, as whoever writes them makes them unique. */

/** `f` of `a::b::f`, of `<T as Trait>::f` and of `a::f::<T>`. */
export function lastSegment(path: string): string {
  const plain = path.replace(/(?:::)?<[^<>]*>$/, "");
  const name = plain.slice(plain.lastIndexOf(":") + 1);
  return /^\w+$/.test(name) ? name : "item";
}
