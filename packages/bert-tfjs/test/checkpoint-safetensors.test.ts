import { readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readSafetensors, writeSafetensors } from '../src/checkpoint/safetensors.js';
import { sizeOf } from '../src/checkpoint/state-dict.js';
import { CheckpointError } from '../src/errors.js';
import { expectedWeights, fixture, temporaryFolder } from './checkpoint-support.js';

const folder = await temporaryFolder();

/** A safetensors file of any header and any number of data bytes. */
async function fileOf(header: unknown, dataBytes: number): Promise<string> {
  const json =
    header instanceof Buffer
      ? header
      : Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  const path = join(folder, 'made.safetensors');
  await writeFile(path, Buffer.concat([length, json, Buffer.alloc(dataBytes)]));
  return path;
}

async function refusalOf(path: string): Promise<CheckpointError> {
  const error: unknown = await readSafetensors(path).then(
    () => undefined,
    (reason) => reason,
  );
  expect(error).toBeInstanceOf(CheckpointError);
  return error as CheckpointError;
}

describe('readSafetensors', () => {
  it('reads F32, F16 and BF16 as PyTorch does, to the bit, and passes over integers', async () => {
    expect(await readSafetensors(fixture('all.safetensors'))).toEqual(await expectedWeights());
  });

  it('refuses a file that was cut off at any byte', async () => {
    const whole = await readFile(fixture('all.safetensors'));
    const path = join(folder, 'cut.safetensors');
    await writeFile(path, whole);
    for (let length = whole.length - 1; length >= 0; length--) {
      await truncate(path, length);
      expect((await refusalOf(path)).file).toBe(path);
    }
  });

  it('reads whole tensors or refuses, whichever byte of the header is damaged', async () => {
    const whole = await readFile(fixture('all.safetensors'));
    const headerEnd = 8 + Number(whole.readBigUInt64LE());
    const path = join(folder, 'damaged.safetensors');
    let refusals = 0;
    for (let position = 0; position < headerEnd; position++) {
      const damaged = Buffer.from(whole);
      damaged[position] = damaged[position]! ^ 1;
      await writeFile(path, damaged);
      try {
        for (const { shape, data } of (await readSafetensors(path)).values()) {
          expect(data.length).toBe(sizeOf(shape));
        }
      } catch (error) {
        expect(error).toBeInstanceOf(CheckpointError);
        refusals++;
      }
    }
    expect(refusals).toBeGreaterThan(headerEnd / 2);
  });

  it('refuses bytes after the last tensor', async () => {
    const path = join(folder, 'long.safetensors');
    await writeFile(
      path,
      Buffer.concat([await readFile(fixture('all.safetensors')), Buffer.from([0])]),
    );
    expect((await refusalOf(path)).what).toContain('1 bytes after the last tensor');
  });

  const f32 = (shape: unknown, begin: number, end: number) => ({
    dtype: 'F32',
    shape,
    data_offsets: [begin, end],
  });

  it.each([
    ['no JSON', '{"a":', 0, 'the header is not JSON'],
    ['invalid UTF-8', Buffer.from([0x7b, 0xff, 0x7d]), 0, 'the header is not JSON'],
    ['a list', [], 0, 'the header is not a JSON object'],
    ['an entry that is no object', { a: 3 }, 0, 'tensor a: its header entry'],
    ['a negative dimension', { a: f32([-1], 0, 4) }, 4, 'tensor a: dtype, shape'],
    ['a fractional offset', { a: f32([1], 0.5, 4.5) }, 8, 'tensor a: dtype, shape'],
    ['an end before its begin', { a: f32([1], 4, 0) }, 4, 'are not a range'],
    [
      'a dimension beyond any file',
      { a: f32([2 ** 40, 2 ** 40], 0, 4) },
      4,
      'bytes do not fill F32',
    ],
    ['a shape of other size', { a: f32([3], 0, 8) }, 8, 'tensor a: 8 bytes do not fill F32 [3]'],
    ['overlapping tensors', { a: f32([2], 0, 8), b: f32([2], 4, 12) }, 12, 'tensor b overlaps'],
    ['a hole', { a: f32([1], 0, 4), b: f32([1], 8, 12) }, 12, 'tensor b leaves a hole'],
    ['a tensor past the end', { a: f32([2], 0, 8) }, 4, 'is truncated: tensor a ends at 8 of 4'],
    ['another dtype', { a: { ...f32([1], 0, 8), dtype: 'F64' } }, 8, 'tensor a has dtype F64'],
  ])('refuses a header with %s, and says so', async (_, header, dataBytes, what) => {
    expect((await refusalOf(await fileOf(header, dataBytes))).what).toContain(what);
  });

  it('refuses a header that claims to be longer than the file', async () => {
    const path = join(folder, 'claim.safetensors');
    await writeFile(path, Buffer.from('ffffffffffffffff7b7d', 'hex'));
    expect((await refusalOf(path)).what).toContain("the header's length");
  });

  it('names a file that is not there, and a folder', async () => {
    expect((await refusalOf(join(folder, 'none.safetensors'))).message).toContain('no such file');
    expect((await refusalOf(folder)).message).toContain('is not a file');
  });
});

describe('a tensor of a file', () => {
  it('is read when it is asked for, and refused when the file is no longer what it was', async () => {
    const path = join(folder, 'later.safetensors');
    await writeSafetensors(path, new Map([['a', { shape: [2], data: Float32Array.of(1, 2) }]]));
    const tensor = (await readSafetensors(path)).get('a')!;
    expect([...tensor.data]).toEqual([1, 2]);
    await truncate(path, 70);
    expect(() => tensor.data).toThrow(/later\.safetensors: ends at byte 96, before the 8 bytes/);
    await rm(path);
    expect(() => tensor.data).toThrow(/no such file/);
  });
});

describe('writeSafetensors', () => {
  it('writes what it reads back, in the same bytes whatever the order', async () => {
    const weights = await expectedWeights();
    const [one, two] = [join(folder, 'one.safetensors'), join(folder, 'two.safetensors')];
    await writeSafetensors(one, weights);
    await writeSafetensors(two, new Map([...weights].reverse()));
    expect(await readSafetensors(one)).toEqual(weights);
    expect(await readFile(two)).toEqual(await readFile(one));
  });

  it('writes an empty state dict', async () => {
    const path = join(folder, 'empty.safetensors');
    await writeSafetensors(path, new Map());
    expect(await readSafetensors(path)).toEqual(new Map());
  });

  it('leaves the old file as it was, and nothing else, when a tensor is malformed', async () => {
    const path = join(folder, 'kept.safetensors');
    await writeSafetensors(path, await expectedWeights());
    const before = await readFile(path);
    const files = await readdir(folder);
    const malformed = new Map([['a', { shape: [3], data: new Float32Array(2) }]]);
    await expect(writeSafetensors(path, malformed)).rejects.toThrow('a: 2 values do not fill');
    expect(await readFile(path)).toEqual(before);
    expect(await readdir(folder)).toEqual(files);
  });

  it('leaves nothing behind when the folder does not exist', async () => {
    await expect(writeSafetensors(join(folder, 'no', 'a'), new Map())).rejects.toThrow('ENOENT');
  });
});
