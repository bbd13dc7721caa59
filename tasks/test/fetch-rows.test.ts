import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { parquetWriteFile } from 'hyparquet-writer';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { Row } from '../fetch/rows/row.js';
import { readRows } from '../fetch/rows/rows.js';
import { InputError } from '../pipeline/errors.js';

const root = await mkdtemp(join(tmpdir(), 'ml4-rows-'));
afterAll(() => rm(root, { recursive: true }));
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(root, 'case-'));
});

async function file(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

async function read(
  path: string,
  wanted: { text: string | null; label: string | null } = { text: null, label: null },
): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const batch of readRows(path, wanted)) rows.push(...batch);
  return rows;
}

async function refusal(...args: Parameters<typeof read>): Promise<InputError> {
  const error: unknown = await read(...args).then(
    () => new Error('The file was read.'),
    (reason) => reason,
  );
  if (error instanceof InputError) return error;
  throw error;
}

describe('a TSV file', () => {
  it("is read as NSMC's are: no quoting, a quotation mark is text", async () => {
    const path = await file(
      'ratings.txt',
      'id\tdocument\tlabel\n7\t"명작"이라니 "글쎄\t0\n8\t또 보고 싶다\t1\n',
    );
    expect(await read(path)).toEqual([
      { number: 2, id: '7', text: '"명작"이라니 "글쎄', label: '0' },
      { number: 3, id: '8', text: '또 보고 싶다', label: '1' },
    ]);
  });

  it('may have CRLF, a byte order mark, blank lines and no newline at its end', async () => {
    const path = await file('a.tsv', '\uFEFFtext\tlabel\r\n재밌다\t1\r\n\r\n지루하다\t0');
    expect(await read(path)).toEqual([
      { number: 2, text: '재밌다', label: '1' },
      { number: 4, text: '지루하다', label: '0' },
    ]);
  });

  it('is read whole where it is longer than one read of the disk', async () => {
    const lines = Array.from(
      { length: 100_000 },
      (_, index) => `${index}번째로 본 영화\t${index % 2}`,
    );
    const rows = await read(await file('long.tsv', `text\tlabel\n${lines.join('\n')}\n`));
    expect(rows.length).toBe(100_000);
    expect(
      rows.every(
        ({ text, number }, index) => text === `${index}번째로 본 영화` && number === index + 2,
      ),
    ).toBe(true);
  });

  it('with a broken row is refused with its line', async () => {
    const path = await file('a.tsv', 'id\ttext\tlabel\n1\t좋다\t1\n2\t탭이\t있다\t0\n');
    const error = await refusal(path);
    expect(error.where).toBe(`${path}:3`);
    expect(error.message).toBe('4 columns, but the first line names 3 (id, text, label).');
    expect(error.fix).toContain('tab');
  });

  it('without the wanted column is refused with the columns there are', async () => {
    const path = await file('a.tsv', 'id\treview\tlabel\n1\t좋다\t1\n');
    const error = await refusal(path);
    expect(error.message).toBe(
      'No column "text" or "document". The columns are "id", "review", "label".',
    );
    expect(error.fix).toContain('--set dataset.text_column=');
    expect(await read(path, { text: 'review', label: null })).toHaveLength(1);
  });
});

describe('a CSV file', () => {
  it('may quote commas, line breaks and quotation marks', async () => {
    const path = await file('a.csv', 'text,label\n"좋다, 정말\n""최고""",1\n그냥,0\n');
    expect(await read(path)).toEqual([
      { number: 3, text: '좋다, 정말\n"최고"', label: '1' },
      { number: 4, text: '그냥', label: '0' },
    ]);
  });

  it('with a row of another length is refused with its line', async () => {
    const path = await file('a.csv', 'text,label\n좋다,1\n좋다, 정말,1\n');
    const error = await refusal(path);
    expect(error.where).toBe(`${path}:3`);
    expect(error.fix).toContain('"…"');
  });

  it('with an open quotation mark is refused', async () => {
    const path = await file('a.csv', 'text,label\n좋다,1\n"끝이 없다,0\n');
    expect((await refusal(path)).where).toMatch(/a\.csv:\d$/);
  });

  it('without the wanted column is refused', async () => {
    const path = await file('a.csv', 'text,score\n좋다,1\n');
    expect((await refusal(path)).message).toContain('No column "label"');
  });
});

describe('a JSONL file', () => {
  it('may have labels that are texts, integers or booleans', async () => {
    const path = await file(
      'a.jsonl',
      '{"text": "좋다", "label": "긍정"}\n{"text": "별로", "label": 0}\n{"text": "음", "label": true}\n',
    );
    expect((await read(path)).map(({ label }) => label)).toEqual(['긍정', '0', 'true']);
  });

  it.each([
    ['what is not JSON', '{"text": "좋다"', 'Not JSON'],
    ['what is no object', '["좋다", 1]', 'where an object was expected'],
    ['a text that is none', '{"text": 5, "label": 1}', '"text" is 5, not a text'],
    [
      'a label that is a fraction',
      '{"text": "좋다", "label": 0.5}',
      'neither a text nor an integer',
    ],
  ])('with %s is refused with its line', async (_what, line, message) => {
    const path = await file('a.jsonl', `{"text": "좋다", "label": 1}\n${line}\n`);
    const error = await refusal(path);
    expect(error.where).toBe(`${path}:2`);
    expect(error.message).toContain(message);
  });
});

describe('a cell without a value', () => {
  it('is an empty text or label, for the checks of the data to judge', async () => {
    const path = await file('a.jsonl', '{"text": "좋다", "label": 1}\n{"text": null}\n');
    expect((await read(path))[1]).toMatchObject({ number: 2, text: '', label: '' });
    const filename = join(folder, 'a.parquet');
    parquetWriteFile({
      filename,
      columnData: [
        { name: 'text', data: ['좋다', null], type: 'STRING', nullable: true },
        { name: 'label', data: [1, null], type: 'INT32', nullable: true },
      ],
    });
    expect((await read(filename))[1]).toMatchObject({ number: 2, text: '', label: '' });
  });
});

describe('a parquet file', () => {
  const columnData = [
    { name: 'id', data: ['1', '2', '3'], type: 'STRING' as const },
    { name: 'document', data: ['좋다', '별로다', '그저 그렇다'], type: 'STRING' as const },
    { name: 'label', data: [1n, 0n, 0n], type: 'INT64' as const },
  ];

  it('is read over its row groups', async () => {
    const filename = join(folder, 'a.parquet');
    parquetWriteFile({ filename, columnData, rowGroupSize: 2 });
    expect(await read(filename)).toEqual([
      { number: 1, id: '1', text: '좋다', label: '1' },
      { number: 2, id: '2', text: '별로다', label: '0' },
      { number: 3, id: '3', text: '그저 그렇다', label: '0' },
    ]);
  });

  it('that is cut off is refused', async () => {
    const path = await file('a.parquet', 'PAR1 and no more');
    const error = await refusal(path);
    expect(error.where).toBe(path);
    expect(error.message).toContain('Not a whole parquet file');
  });
});

describe('a gzipped file', () => {
  const content = gzipSync('text\tlabel\n좋다\t1\n');

  it('is read like the file in it', async () => {
    expect(await read(await file('a.tsv.gz', content))).toEqual([
      { number: 2, text: '좋다', label: '1' },
    ]);
  });

  it('that is cut off is refused', async () => {
    const path = await file('a.tsv.gz', content.subarray(0, -10));
    expect((await refusal(path)).message).toBe('The file is not whole, or not gzip.');
  });
});

describe('text that is not UTF-8', () => {
  /** 좋다 in CP949. */
  const CP949 = Buffer.from([0xc1, 0xc1, 0xb4, 0xd9]);

  it('is refused with its line, its byte and the likely encoding', async () => {
    const head = Buffer.from('text\tlabel\n재밌다\t1\n');
    const path = await file('a.tsv', Buffer.concat([head, CP949, Buffer.from('\t1\n')]));
    const error = await refusal(path);
    expect(error.where).toBe(`${path}:3`);
    expect(error.message).toBe(`Byte ${head.length} (0xc1) is not UTF-8. It looks like CP949.`);
    expect(error.fix).toContain('iconv');
  });

  it('is recognized as CP949 where all of it is', async () => {
    const path = await file(
      'a.csv',
      Buffer.concat([Buffer.from('text,label\n'), CP949, Buffer.from(',1\n')]),
    );
    expect((await refusal(path)).message).toContain('It looks like CP949.');
  });

  it('is recognized as UTF-16', async () => {
    const path = await file('a.tsv', Buffer.from('\uFEFFtext\tlabel\n', 'utf16le'));
    expect((await refusal(path)).message).toContain('It looks like UTF-16.');
  });

  it('is not confused with a replacement character that is in the file', async () => {
    const head = Buffer.from('text\tlabel\n� 있음\t1\n');
    const path = await file(
      'a.tsv',
      Buffer.concat([head, Buffer.from([0xff]), Buffer.from('\t1\n')]),
    );
    expect((await refusal(path)).message).toContain(`Byte ${head.length} (0xff)`);
  });
});

describe('a malformed row', () => {
  const INVALID = Buffer.from([0xff]);
  const tsv = (...parts: (string | Buffer)[]) =>
    Buffer.concat(parts.map((part) => Buffer.from(part)));
  /** The rows that are read, and the numbers of those that are not. */
  async function tolerant(path: string) {
    const malformed: number[] = [];
    const rows: Row[] = [];
    const reader = readRows(path, { text: null, label: null }, (_, number) =>
      malformed.push(number),
    );
    for await (const batch of reader) rows.push(...batch);
    return { texts: rows.map(({ number, text }) => `${number} ${text}`), malformed };
  }
  const parquet = () => {
    const filename = join(folder, 'a.parquet');
    const data = [0, 0.5, 1];
    parquetWriteFile({
      filename,
      columnData: [
        { name: 'text', data: ['좋다', '음', '별로'], type: 'STRING' },
        { name: 'label', data, type: 'DOUBLE' },
      ],
    });
    return filename;
  };

  it.each([
    [
      'a TSV file',
      () => file('a.tsv', tsv('text\tlabel\n좋다\t1\n탭\t이\t0\n', INVALID, '\t1\n별로\t0')),
      { texts: ['2 좋다', '5 별로'], malformed: [3, 4] },
    ],
    [
      'a CSV file',
      () =>
        file(
          'a.csv',
          tsv(
            'text,label\n좋다,1\n"두 줄\n',
            INVALID,
            '",0\n혼자\n"쉼표, 줄\n바꿈",1\n',
            INVALID,
            ',1\n별로,0',
          ),
        ),
      { texts: ['2 좋다', '7 쉼표, 줄\n바꿈', '9 별로'], malformed: [4, 5, 8] },
    ],
    [
      'a JSONL file',
      () =>
        file(
          'a.jsonl',
          tsv(
            '{\n{"text": "좋다", "label": 1}\n{"text": 5, "label": 1}\n',
            INVALID,
            '\n{"text": "별로", "label": 0}',
          ),
        ),
      { texts: ['2 좋다', '5 별로'], malformed: [1, 3, 4] },
    ],
    ['a parquet file', parquet, { texts: ['1 좋다', '3 별로'], malformed: [2] }],
  ])('of %s may be skipped: the others keep their numbers', async (_what, make, expected) => {
    const { texts, malformed } = await tolerant(await make());
    expect({ texts, malformed: malformed.sort((a, b) => a - b) }).toEqual(expected);
  });

  it('is no such row where it is the first line, that names the columns', async () => {
    const path = await file('a.tsv', tsv(INVALID, 'text\tlabel\n좋다\t1\n'));
    await expect(tolerant(path)).rejects.toThrow('is not UTF-8');
  });

  it('is no such row where a quotation mark is open: nobody knows where it ends', async () => {
    const path = await file('a.csv', 'text,label\n좋다,1\n"끝이 없다,0\n별로,0\n');
    await expect(tolerant(path)).rejects.toThrow(InputError);
  });
});

describe('another file', () => {
  it('is refused with the formats that are read', async () => {
    const error = await refusal(await file('a.xlsx', 'PK'));
    expect(error.fix).toContain('.csv');
  });
});
