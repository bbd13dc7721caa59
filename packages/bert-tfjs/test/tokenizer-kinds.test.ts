import { cp, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CheckpointError } from '../src/errors.js';
import { Tokenizer } from '../src/tokenizer/tokenizer.js';
import { temporaryFolder } from './checkpoint-support.js';

// fixtures/make-tokenizer-kinds.py made these tokenizers, and the ids with transformers.
const fixtures = new URL('fixtures/tokenizer-kinds/', import.meta.url).pathname;
const root = await temporaryFolder();
const noLimit = 10_000;

interface Reference {
  texts: string[];
  kinds: Record<string, { folder: string; ids: number[][]; cut: number[][] }>;
}

const { texts, kinds }: Reference = JSON.parse(
  await readFile(join(fixtures, 'reference.json'), 'utf8'),
);

describe.each(Object.entries(kinds))('%s, from tokenizer.json', (_, { folder, ids, cut }) => {
  it('gives the ids that transformers gives, also once saved', async () => {
    const tokenizer = await Tokenizer.fromFolder(join(fixtures, folder));
    const saved = await mkdtemp(join(root, 'saved-'));
    await tokenizer.save(saved);
    for (const each of [tokenizer, await Tokenizer.fromFolder(saved)]) {
      expect(each).toMatchObject({ padId: 1, unkId: 3, maxLength: 300 });
      for (const [index, text] of texts.entries()) {
        expect([...each.encode(text, noLimit)], JSON.stringify(text)).toEqual(ids[index]);
      }
    }
    expect(texts.map((text) => [...tokenizer.encode(text, 10)])).toEqual(cut);
  });

  it('can clean texts first', async () => {
    const tokenizer = await Tokenizer.fromFolder(join(fixtures, folder));
    const cleaned = tokenizer.withCleaning('kcbert-v1');
    expect(cleaned.encode('좋다 ㅋㅋㅋㅋㅋ', 30)).toEqual(tokenizer.encode('좋다 ㅋㅋ', 30));
  });
});

describe('a tokenizer.json is refused', () => {
  async function refusalOf(change: (json: Record<string, unknown>) => object): Promise<string> {
    const folder = await mkdtemp(join(root, 'folder-'));
    await cp(join(fixtures, 'byte-level-bpe'), folder, { recursive: true });
    const file = join(folder, 'tokenizer.json');
    const json = JSON.parse(await readFile(file, 'utf8'));
    await writeFile(file, JSON.stringify({ ...json, ...change(json) }));
    const error: unknown = await Tokenizer.fromFolder(folder).catch((reason) => reason);
    expect(error).toBeInstanceOf(CheckpointError);
    expect((error as CheckpointError).file).toBe(file);
    return (error as CheckpointError).what;
  }

  it.each([
    [
      'a model that is not known',
      { model: { type: 'Bag', vocab: { a: 0 } }, added_tokens: [] },
      'Bag',
    ],
    ['no model', { model: null }, 'its model is missing'],
    ['an empty vocabulary', { model: { type: 'BPE', vocab: {} } }, 'its vocabulary is empty'],
    ['tokens without ids', { model: { vocab: { a: 'b' } } }, 'does not map tokens to ids'],
    ['a pre-tokenizer that is not known', { pre_tokenizer: { type: 'Thai' } }, 'Thai'],
    ['a normalizer that is not known', { normalizer: { type: 'Nmt' } }, 'Nmt'],
    [
      'a table of normalization that is cut off',
      { normalizer: { type: 'Precompiled', precompiled_charsmap: 'AAEAAAA=' } },
      'it is damaged',
    ],
    ['nothing around a text', { post_processor: null }, 'one token before a text and one after it'],
    ['a damaged part', { normalizer: 'NFC' }, 'normalizer is neither an object nor null'],
    [
      'a split that the library does not do',
      { pre_tokenizer: { type: 'Split', pattern: { String: ' ' }, behavior: 'MergedWithNext' } },
      'its Split has the behavior MergedWithNext',
    ],
  ])('with %s', async (_, change, what) => {
    expect(await refusalOf(() => change)).toContain(what);
  });

  it('without a token for padding', async () => {
    const folder = await mkdtemp(join(root, 'folder-'));
    await cp(join(fixtures, 'byte-level-bpe'), folder, { recursive: true });
    const file = join(folder, 'tokenizer.json');
    await writeFile(file, (await readFile(file, 'utf8')).replaceAll('<pad>', '<filler>'));
    await expect(Tokenizer.fromFolder(folder)).rejects.toThrow('no token for padding');
  });
});
