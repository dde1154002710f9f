import { VarintReader, decodeText } from '../../bytes/index.ts';

const varints = new VarintReader();

/** Words of an entry: hash, pair number, where its bytes lie, how many there are. */
const ENTRY_WORDS = 4;

/**
 * Pair numbers by the bytes of a label as records hold it (length, name, length, value), so that replaying a log makes a string only for
 * the first of each. A million series have the same few pairs again and again.
 */
export class PairCache {
  readonly #intern: (name: string, value: string) => number;
  #entries = new Uint32Array(ENTRY_WORDS * 4096);
  #count = 0;
  #arena = new Uint8Array(64 * 1024);
  #arenaLength = 0;
  /** Offset behind the label last read. */
  end = 0;

  constructor(intern: (name: string, value: string) => number) {
    this.#intern = intern;
  }

  /** Number of the pair whose bytes begin at `at`, or 0 where its value is empty. The record has been checked: its lengths hold. */
  at(bytes: Uint8Array, at: number, to: number): number {
    const nameLength = varints.uvarint(bytes, at, to);
    const nameFrom = varints.at;
    const valueLength = varints.uvarint(bytes, nameFrom + nameLength, to);
    const valueFrom = varints.at;
    const end = valueFrom + valueLength;
    this.end = end;
    if (valueLength === 0) return 0;

    let hash = 0x811c9dc5;
    for (let i = at; i < end; i++) hash = Math.imul(hash ^ bytes[i], 0x01000193);
    hash = (hash ^ (hash >>> 15)) >>> 0;
    const entries = this.#entries;
    const mask = entries.length / ENTRY_WORDS - 1;
    const length = end - at;
    let slot = hash & mask;
    for (; entries[slot * ENTRY_WORDS + 1] !== 0; slot = (slot + 1) & mask) {
      const e = slot * ENTRY_WORDS;
      if (entries[e] === hash && entries[e + 3] === length && this.#same(entries[e + 2], bytes, at, length)) {
        return entries[e + 1];
      }
    }
    const pair = this.#intern(decodeText(bytes, nameFrom, nameFrom + nameLength), decodeText(bytes, valueFrom, end));
    this.#add(slot, hash, pair, bytes.subarray(at, end));
    return pair;
  }

  #same(offset: number, bytes: Uint8Array, at: number, length: number): boolean {
    const arena = this.#arena;
    for (let i = 0; i < length; i++) if (arena[offset + i] !== bytes[at + i]) return false;
    return true;
  }

  #add(slot: number, hash: number, pair: number, label: Uint8Array): void {
    if (this.#arenaLength + label.length > this.#arena.length) {
      const grown = new Uint8Array((this.#arenaLength + label.length) * 2);
      grown.set(this.#arena.subarray(0, this.#arenaLength));
      this.#arena = grown;
    }
    this.#arena.set(label, this.#arenaLength);
    const e = slot * ENTRY_WORDS;
    this.#entries[e] = hash;
    this.#entries[e + 1] = pair;
    this.#entries[e + 2] = this.#arenaLength;
    this.#entries[e + 3] = label.length;
    this.#arenaLength += label.length;
    if (++this.#count * 2 * ENTRY_WORDS > this.#entries.length) this.#grow();
  }

  #grow(): void {
    const old = this.#entries;
    const fresh = new Uint32Array(old.length * 2);
    const mask = fresh.length / ENTRY_WORDS - 1;
    for (let e = 0; e < old.length; e += ENTRY_WORDS) {
      if (old[e + 1] === 0) continue;
      let slot = old[e] & mask;
      while (fresh[slot * ENTRY_WORDS + 1] !== 0) slot = (slot + 1) & mask;
      fresh.set(old.subarray(e, e + ENTRY_WORDS), slot * ENTRY_WORDS);
    }
    this.#entries = fresh;
  }
}
