import { copyFile, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CheckpointError } from '../src/errors.js';
import { Tokenizer } from '../src/tokenizer/tokenizer.js';
import { temporaryFolder } from './checkpoint-support.js';

// fixtures/make-tokenizer.py made these files and ids with transformers.
const fixtures = new URL('fixtures/tokenizer/', import.meta.url).pathname;
const root = await temporaryFolder();

interface Reference {
  texts: string[];
  ids: Record<string, number[][]>;
  /** Of the cased tokenizer, with max_length 10. */
  cut: number[][];
}
const reference: Reference = JSON.parse(await readFile(join(fixtures, 'reference.json'), 'utf8'));
const noLimit = 10_000;

/** A folder with the fixtures' vocabulary and a tokenizer_config.json. */
async function folderOf(config: object | string, vocabulary = 'vocab.txt'): Promise<string> {
  const folder = await mkdtemp(join(root, 'folder-'));
  await copyFile(join(fixtures, vocabulary), join(folder, vocabulary));
  const text = typeof config === 'string' ? config : JSON.stringify(config);
  await writeFile(join(folder, 'tokenizer_config.json'), text);
  return folder;
}

async function refusalOf(folder: string): Promise<CheckpointError> {
  const error: unknown = await Tokenizer.fromFolder(folder).then(
    () => undefined,
    (reason) => reason,
  );
  expect(error).toBeInstanceOf(CheckpointError);
  return error as CheckpointError;
}

describe('the ids of awkward texts are those of transformers', () => {
  const configs = {
    cased: { do_lower_case: false, strip_accents: false },
    default: {},
    'lower-case, accents kept': { do_lower_case: true, strip_accents: false },
    'ideographs together': { do_lower_case: false, tokenize_chinese_chars: false },
  };
  for (const [name, config] of Object.entries(configs)) {
    for (const vocabulary of ['vocab.txt', 'tokenizer.json']) {
      it(`${name}, from ${vocabulary}`, async () => {
        const tokenizer = await Tokenizer.fromFolder(await folderOf(config, vocabulary));
        for (const [index, text] of reference.texts.entries()) {
          const expected = reference.ids[name]![index]!;
          expect([...tokenizer.encode(text, noLimit)], JSON.stringify(text)).toEqual(expected);
        }
      });
    }
  }

  it('read from a text with a lone surrogate as from one with U+FFFD in its place', async () => {
    const tokenizer = await Tokenizer.fromFolder(fixtures);
    const ids = (character: string) => [...tokenizer.encode(`좋${character}다 ${character}`, 10)];
    expect(ids('\ud83d')).toEqual(ids('\ufffd'));
    expect(ids('\ude00')).toEqual(ids('\ufffd'));
  });

  it('cut to a length, with [SEP] at the end', async () => {
    const tokenizer = await Tokenizer.fromFolder(fixtures);
    const rows = reference.texts.map((text) => [...tokenizer.encode(text, 10)]);
    expect(rows).toEqual(reference.cut);
  });
});

describe('Tokenizer', () => {
  it('knows its size, padding and the length that its model takes', async () => {
    const tokenizer = await Tokenizer.fromFolder(fixtures);
    const lines = (await readFile(join(fixtures, 'vocab.txt'), 'utf8')).trimEnd().split('\n');
    expect(tokenizer).toMatchObject({
      vocabSize: lines.length,
      padId: 0,
      unkId: 1,
      maxLength: 300,
    });
    expect(Tokenizer.fromVocabulary(lines).maxLength).toBe(Number.POSITIVE_INFINITY);
    expect(tokenizer.withMaxLength(64).maxLength).toBe(64);
  });

  it('refuses a length that leaves no room for [CLS] and [SEP]', async () => {
    const tokenizer = await Tokenizer.fromFolder(fixtures);
    expect([...tokenizer.encode('좋다', 2)]).toEqual([2, 3]);
    expect(() => tokenizer.encode('좋다', 1)).toThrow(RangeError);
  });

  it('saves the files that transformers saves, and reads them back', async () => {
    const folder = await mkdtemp(join(root, 'saved-'));
    await (
      await Tokenizer.fromFolder(await folderOf({ do_lower_case: false, strip_accents: false }))
    ).save(folder);
    const json = async (path: string) => JSON.parse(await readFile(path, 'utf8'));
    expect(await json(join(folder, 'tokenizer.json'))).toEqual(
      await json(join(fixtures, 'tokenizer.json')),
    );
    expect(await json(join(fixtures, 'tokenizer_config.json'))).toMatchObject({
      ...(await json(join(folder, 'tokenizer_config.json'))),
    });
    expect(await readFile(join(folder, 'vocab.txt'), 'utf8')).toBe(
      await readFile(join(fixtures, 'vocab.txt'), 'utf8'),
    );
    const tokenizer = await Tokenizer.fromFolder(folder);
    expect([...tokenizer.encode(reference.texts[2]!, noLimit)]).toEqual(reference.ids.cased![2]);
  });

  it('keeps tokens that were added to a tokenizer.json, with ids beyond the vocabulary', async () => {
    const json = JSON.parse(await readFile(join(fixtures, 'tokenizer.json'), 'utf8'));
    const size = Object.keys(json.model.vocab).length;
    json.added_tokens.push({ ...json.added_tokens[0], id: size, content: '[LAUGH]' });
    const folder = await folderOf({ do_lower_case: false });
    await writeFile(join(folder, 'tokenizer.json'), JSON.stringify(json));
    const tokenizer = await Tokenizer.fromFolder(folder);
    expect(tokenizer.vocabSize).toBe(size + 1);
    expect([...tokenizer.encode('[LAUGH]', noLimit)]).toEqual([2, size, 3]);
    await tokenizer.save(folder);
    expect((await Tokenizer.fromFolder(folder)).vocabSize).toBe(size + 1);
  });

  it('takes the normalizer of tokenizer.json only for a class that has none of its own', async () => {
    const text = 'ABC';
    const idsOf = async (tokenizer_class: string) => {
      const folder = await folderOf({ tokenizer_class }, 'tokenizer.json');
      return [...(await Tokenizer.fromFolder(folder)).encode(text, noLimit)];
    };
    expect(await idsOf('PreTrainedTokenizerFast')).not.toEqual(await idsOf('BertTokenizer'));
  });
});

describe('with cleaning, saved and read back', async () => {
  const plain = await Tokenizer.fromFolder(fixtures);
  const cleaned = plain.withCleaning('kcbert-v1');
  const folder = await mkdtemp(join(root, 'cleaned-'));
  await cleaned.save(folder);
  const readBack = await Tokenizer.fromFolder(folder);
  const read = async (path: string) => JSON.parse(await readFile(path, 'utf8'));

  it('the ids of awkward texts are those of transformers', () => {
    for (const tokenizer of [cleaned, readBack]) {
      expect(tokenizer.cleaning).toBe('kcbert-v1');
      for (const [index, text] of reference.texts.entries()) {
        const expected = reference.ids['kcbert-v1']![index];
        expect([...tokenizer.encode(text, noLimit)], JSON.stringify(text)).toEqual(expected);
      }
    }
  });

  it('transformers finds the cleaning in tokenizer.json, and no reason to put it away', async () => {
    const { normalizer } = await read(join(folder, 'tokenizer.json'));
    expect(normalizer).toEqual(await read(join(fixtures, 'kcbert-v1.json')));
    const config = await read(join(folder, 'tokenizer_config.json'));
    expect(config.tokenizer_class).toBe('PreTrainedTokenizerFast');
  });

  it('shortens repeats, and drops links and what KcBERT does not know, but no emoji', () => {
    const same = (text: string, as: string) =>
      expect(cleaned.encode(text, noLimit)).toEqual(plain.encode(as, noLimit));
    same('ㅋㅋㅋㅋㅋㅋ 개그가 통함', 'ㅋㅋ 개그가 통함');
    same('ㅋㅋㅋ', 'ㅋㅋㅋ');
    same('보러가기 http://example.com/a?b=c', '보러가기');
    same('映畵😭😭', '😭😭');
  });

  it('is taken away again, and put on once', async () => {
    expect(readBack.withCleaning(null).cleaning).toBeNull();
    const text = 'ㅋㅋㅋㅋㅋㅋ';
    expect(readBack.withCleaning(null).encode(text, 99)).toEqual(plain.encode(text, 99));
    const twice = await mkdtemp(join(root, 'twice-'));
    await readBack.withCleaning('kcbert-v1').save(twice);
    const definition = await read(join(twice, 'tokenizer.json'));
    expect(definition).toEqual(await read(join(folder, 'tokenizer.json')));
  });
});

describe('a folder that is no BERT tokenizer is refused', () => {
  it('without a vocabulary', async () => {
    expect((await refusalOf(root)).what).toContain('neither tokenizer.json nor vocab.txt');
  });

  it.each([
    [{ tokenizer_class: 'RobertaTokenizer' }, 'tokenizer_class "RobertaTokenizer" is not'],
    [{ do_lower_case: 'no' }, 'do_lower_case is "no"'],
    ['{"do_lower_case":', 'is not a JSON object'],
  ])('with tokenizer_config.json %j', async (config, what) => {
    expect((await refusalOf(await folderOf(config))).message).toContain(what);
  });

  it.each([
    [
      'a token that is there twice',
      '[PAD]\n[UNK]\n[CLS]\n[SEP]\na\na\n',
      '"a" is there twice, as ids 4 and 5',
    ],
    ['no [SEP]', '[PAD]\n[UNK]\n[CLS]\na\n', 'has no token [SEP]'],
    ['nothing', '', 'has no token [PAD]'],
    ['another encoding', Buffer.from([0xb0, 0xa1, 0x0a]), 'is not UTF-8'],
  ])('with a vocab.txt that has %s', async (_, vocabulary, what) => {
    const folder = await folderOf({});
    await writeFile(join(folder, 'vocab.txt'), vocabulary);
    expect((await refusalOf(folder)).message).toContain(what);
  });

  it.each([
    [
      'another model',
      { model: { type: 'BPE', vocab: { a: 0 } }, added_tokens: [] },
      'its model is "BPE", not WordPiece',
    ],
    ['another normalizer', { normalizer: { type: 'NFKC' } }, 'its normalizer is "NFKC"'],
    ['no pre-tokenizer', { pre_tokenizer: null }, 'its pre_tokenizer is missing'],
    ['no added tokens', { added_tokens: null }, 'added_tokens is not a list'],
    [
      'an added token with a wrong id',
      { added_tokens: [{ id: 9, content: '[CLS]' }] },
      'added token [CLS] has the id 9',
    ],
  ])('with a tokenizer.json that has %s', async (_, change, what) => {
    const json = JSON.parse(await readFile(join(fixtures, 'tokenizer.json'), 'utf8'));
    const folder = await folderOf({ tokenizer_class: 'BertTokenizer' });
    await writeFile(join(folder, 'tokenizer.json'), JSON.stringify({ ...json, ...change }));
    expect((await refusalOf(folder)).message).toContain(what);
  });

  it('with a tokenizer.json whose ids have a hole', async () => {
    const json = JSON.parse(await readFile(join(fixtures, 'tokenizer.json'), 'utf8'));
    json.model.vocab.새것 = Object.keys(json.model.vocab).length + 1;
    const folder = await folderOf({});
    await writeFile(join(folder, 'tokenizer.json'), JSON.stringify(json));
    expect((await refusalOf(folder)).message).toContain('ids of its vocabulary');
  });
});
