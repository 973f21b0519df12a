import type { AuditEntry } from '../core/observable/index.ts';
import { digestOf } from '../core/tools/index.ts';

const genesisHash = '0'.repeat(64);

/**
 * An append-only log in which each entry carries the SHA-256 of its canonical JSON, the previous
 * entry's hash included, so that no entry can be changed, moved or taken out unseen. Cutting off
 * the end cannot be seen from the log alone: keep the last hash elsewhere.
 */
export class AuditLog {
  readonly #entries: AuditEntry[] = [];

  get entries(): readonly AuditEntry[] {
    return this.#entries;
  }

  append(entry: Omit<AuditEntry, 'sequence' | 'previousHash' | 'hash'>): AuditEntry {
    const unsealed = {
      ...entry,
      sequence: this.#entries.length,
      previousHash: this.#entries.at(-1)?.hash ?? genesisHash,
    };
    const sealed: AuditEntry = { ...unsealed, hash: digestOf(unsealed) };
    this.#entries.push(sealed);
    return sealed;
  }

  /** Recomputes the chain; `firstBadSequence` is the place of the first entry that does not fit. */
  static verify(entries: readonly AuditEntry[]): { ok: boolean; firstBadSequence: number | null } {
    let previousHash = genesisHash;
    for (const [index, entry] of entries.entries()) {
      const { hash, ...unsealed } = entry;
      const fits = entry.sequence === index && entry.previousHash === previousHash;
      if (!fits || digestOf(unsealed) !== hash) return { ok: false, firstBadSequence: index };
      previousHash = hash;
    }
    return { ok: true, firstBadSequence: null };
  }
}
