import { Normalizer } from '@huggingface/tokenizers';

/** Characters that are graphemes of their own, whatever stands beside them. */
const SIMPLE = /^[\x20-\x7e가-힣]*$/;

/** Longer graphemes are looked up character by character only. */
const MAX_GRAPHEME_BYTES = 5;

/**
 * SentencePiece's normalizer, a table of texts and what they become, as Python's library applies it:
 * to a grapheme, or else to each of its characters. The JavaScript library has an approximation.
 *
 * The table is a double-array trie (Darts-clone) over UTF-8, followed by the results, each ended by a
 * zero byte: https://github.com/huggingface/spm_precompiled
 */
export class PrecompiledNormalizer extends Normalizer {
  private readonly trie: Uint32Array;
  private readonly results: Buffer;
  private readonly known = new Map<string, string | undefined>();
  private readonly graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

  /** @throws RangeError when the table is cut off. */
  constructor(config: { type: string; precompiled_charsmap?: unknown }) {
    super(config);
    const table = Buffer.from(String(config.precompiled_charsmap ?? ''), 'base64');
    const size = table.readUInt32LE(0);
    this.trie = Uint32Array.from({ length: size / 4 }, (_, i) => table.readUInt32LE(4 + 4 * i));
    this.results = table.subarray(4 + size);
  }

  override normalize(text: string): string {
    if (SIMPLE.test(text)) return Array.from(text, (character) => this.of(character)).join('');
    let normalized = '';
    for (const { segment } of this.graphemes.segment(text)) {
      const whole =
        Buffer.byteLength(segment) <= MAX_GRAPHEME_BYTES ? this.lookUp(segment) : undefined;
      normalized += whole ?? Array.from(segment, (character) => this.of(character)).join('');
    }
    return normalized;
  }

  private of(character: string): string {
    return this.lookUp(character) ?? character;
  }

  private lookUp(text: string): string | undefined {
    if (!this.known.has(text)) this.known.set(text, this.search(Buffer.from(text)));
    return this.known.get(text);
  }

  /** What the shortest beginning of the bytes that is in the table becomes. */
  private search(bytes: Buffer): string | undefined {
    let node = offset(this.trie[0]!);
    for (const byte of bytes) {
      node ^= byte;
      const unit = this.trie[node] ?? 0;
      if (byte === 0 || (unit & 0x800000ff) >>> 0 !== byte) return undefined;
      node ^= offset(unit);
      const isEnd = (unit >>> 8) & 1;
      if (isEnd) {
        const start = (this.trie[node] ?? 0) & 0x7fffffff;
        return this.results.toString('utf8', start, this.results.indexOf(0, start));
      }
    }
    return undefined;
  }
}

/** How far a node's children are from it: bits 10 to 30, in units of 256 where bit 9 is set. */
const offset = (unit: number): number => (unit >>> 10) << ((unit & 0x200) >>> 6);
