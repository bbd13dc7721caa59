import { readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { readPytorchBin } from '../src/checkpoint/pytorch-bin.js';
import { sizeOf } from '../src/checkpoint/state-dict.js';
import { CheckpointError } from '../src/errors.js';
import { expectedWeights, fixture, temporaryFolder } from './checkpoint-support.js';

const folder = await temporaryFolder();

async function refusalOf(path: string): Promise<CheckpointError> {
  const error: unknown = await readPytorchBin(path).then(
    () => undefined,
    (reason) => reason,
  );
  expect(error).toBeInstanceOf(CheckpointError);
  return error as CheckpointError;
}

/** A file as torch.save lays it out, around any pickle. Strings are written as latin1. */
async function fileOf(pickle: string, storages: Record<string, Uint8Array> = {}): Promise<string> {
  const path = join(folder, 'made.bin');
  const entries: Record<string, Uint8Array> = { 'archive/data.pkl': Buffer.from(pickle, 'latin1') };
  for (const [key, bytes] of Object.entries(storages)) entries[`archive/data/${key}`] = bytes;
  await writeFile(path, zipSync(entries, { level: 0 }));
  return path;
}

/** {'a': a tensor of FloatStorage '0'}; all integers below 256. */
function pickleOfTensor(options: {
  elements: number;
  offset: number;
  shape: number[];
  strides: number[];
}): string {
  const int = (value: number) => `K${String.fromCharCode(value)}`;
  const tuple = (values: number[]) => `(${values.map(int).join('')}t`;
  const text = (value: string) => `\x8c${String.fromCharCode(value.length)}${value}`;
  const storage = `(${text('storage')}ctorch\nFloatStorage\n${text('0')}${text('cpu')}${int(options.elements)}tQ`;
  const args = `(${storage}${int(options.offset)}${tuple(options.shape)}${tuple(options.strides)}\x89Nt`;
  return `\x80\x02}(${text('a')}ctorch._utils\n_rebuild_tensor_v2\n${args}Ru.`;
}

describe('readPytorchBin', () => {
  it.each(['zip.bin', 'protocol4.bin', 'legacy.bin'])(
    'reads %s as PyTorch does: all float types, views, tied weights, parameters',
    async (name) => {
      expect(await readPytorchBin(fixture(name))).toEqual(await expectedWeights());
    },
  );

  it.each(['zip.bin', 'legacy.bin'])('refuses %s when it was cut off at any byte', async (name) => {
    const whole = await readFile(fixture(name));
    const path = join(folder, name);
    await writeFile(path, whole);
    for (let length = whole.length - 1; length >= 0; length--) {
      await truncate(path, length);
      expect((await refusalOf(path)).file).toBe(path);
    }
  });

  it.each(['zip.bin', 'legacy.bin'])(
    'reads whole tensors from %s or refuses, wherever a byte is damaged',
    async (name) => {
      const whole = await readFile(fixture(name));
      const path = join(folder, `damaged-${name}`);
      let refusals = 0;
      for (let position = 0; position < whole.length; position += 7) {
        const damaged = Buffer.from(whole);
        damaged[position] = damaged[position]! ^ 0x21;
        await writeFile(path, damaged);
        try {
          for (const { shape, data } of (await readPytorchBin(path)).values()) {
            expect(data.length).toBe(sizeOf(shape));
          }
        } catch (error) {
          expect(error).toBeInstanceOf(CheckpointError);
          refusals++;
        }
      }
      expect(refusals).toBeGreaterThan(50);
    },
  );

  it('reads a hand-made tensor, so that the refusals below are about what they change', async () => {
    const pickle = pickleOfTensor({ elements: 2, offset: 0, shape: [2], strides: [1] });
    const path = await fileOf(pickle, { 0: new Uint8Array(new Float32Array([1, 2]).buffer) });
    expect(await readPytorchBin(path)).toEqual(
      new Map([['a', { shape: [2], data: new Float32Array([1, 2]) }]]),
    );
  });

  it.each([
    ['an offset', { elements: 2, offset: 1, shape: [2], strides: [1] }],
    ['a stride', { elements: 2, offset: 0, shape: [2], strides: [2] }],
    ['a size', { elements: 2, offset: 0, shape: [2, 2], strides: [0, 1] }],
  ])('refuses a tensor with %s beyond its storage', async (_, tensor) => {
    const path = await fileOf(pickleOfTensor(tensor), { 0: new Uint8Array(8) });
    expect((await refusalOf(path)).what).toContain('tensor a');
  });

  it('refuses a storage that is missing or of another size', async () => {
    const pickle = pickleOfTensor({ elements: 2, offset: 0, shape: [2], strides: [1] });
    expect((await refusalOf(await fileOf(pickle))).what).toContain('storage 0 has no bytes');
    const short = await fileOf(pickle, { 0: new Uint8Array(7) });
    expect((await refusalOf(short)).what).toContain('storage 0 has 7 bytes, its tensors need 8');
  });

  it('refuses another float type, another content and another kind of file by name', async () => {
    expect((await refusalOf(fixture('double.bin'))).what).toContain('torch.DoubleStorage');
    expect((await refusalOf(fixture('not-a-state-dict.bin'))).what).toContain('epoch');
    expect((await refusalOf(fixture('all.safetensors'))).what).toContain('zip archive');
    expect((await refusalOf(join(folder, 'none.bin'))).what).toContain('no such file');
  });
});

describe('a pickle that tries to run code', () => {
  // Each of these creates the file `ran` when Python's pickle.loads reads it (REDUCE variants), or
  // would with a class that has a matching __setstate__ (BUILD).
  const touch = `touch ${join(folder, 'ran')}`;
  const short = (value: string) => `\x8c${String.fromCharCode(value.length)}${value}`;
  const command = short(touch);

  it.each([
    ['GLOBAL and REDUCE', `\x80\x02cos\nsystem\n${command}\x85R.`, 'names os.system'],
    ['builtins.eval', `\x80\x02cbuiltins\neval\n${short('1')}\x85R.`, 'names builtins.eval'],
    ['Python 2', `\x80\x02c__builtin__\nexec\n${short('1')}\x85R.`, 'names __builtin__.exec'],
    [
      'STACK_GLOBAL',
      `\x80\x04${short('posix')}${short('system')}\x93${command}\x85R.`,
      'names posix.system',
    ],
    [
      'a dotted name',
      `\x80\x04${short('torch')}${short('os.system')}\x93${command}\x85R.`,
      'names torch.os.system',
    ],
    ['a memoized global', `\x80\x02cos\nsystem\nq\x000h\x00${command}\x85R.`, 'names os.system'],
    ['INST', `(S'${touch}'\nios\nsystem\n.`, 'opcode'],
    ['OBJ', `(cos\nsystem\n${command}o.`, 'names os.system'],
    ['OBJ of an allowed global', `(ccollections\nOrderedDict\n${command}o.`, 'uses the opcode OBJ'],
    ['NEWOBJ', `\x80\x02ccollections\nOrderedDict\n)\x81.`, 'uses the opcode NEWOBJ'],
    ['NEWOBJ_EX', `\x80\x04ccollections\nOrderedDict\n)}\x92.`, 'uses the opcode NEWOBJ_EX'],
    ['EXT1', '\x80\x02\x82\x01.', 'uses the opcode EXT1'],
    [
      'BUILD on a global',
      `\x80\x02ctorch._utils\n_rebuild_tensor_v2\n}b.`,
      'sets the state (BUILD)',
    ],
    ['BUILD on a storage type', `\x80\x02ctorch\nFloatStorage\n}b.`, 'sets the state (BUILD)'],
    ['REDUCE on a storage type', `\x80\x02ctorch\nFloatStorage\n)R.`, 'calls (REDUCE)'],
    ['REDUCE on a text', `\x80\x02${short('os.system')}${command}\x85R.`, 'calls (REDUCE)'],
    [
      'a global inside a tensor',
      `\x80\x02}${short('a')}cos\nsystem\n${command}\x85Rs.`,
      'names os.system',
    ],
    [
      'a global of an allowed module',
      '\x80\x02ctorch._utils\n_import_dotted_name\n.',
      'names torch._utils._import_dotted_name',
    ],
    [
      'a property of every object',
      '\x80\x02ccollections\nOrderedDict.__class__\n.',
      'OrderedDict.__class__',
    ],
    [
      "JavaScript's own prototype",
      '\x80\x02c__proto__\nconstructor\n.',
      'names __proto__.constructor',
    ],
  ])('is refused by name, and nothing runs: %s', async (_, pickle, what) => {
    const refusal = await refusalOf(await fileOf(pickle));
    expect(refusal.what).toContain(what);
    await expect(readFile(join(folder, 'ran'))).rejects.toThrow('ENOENT');
  });

  it('is refused in the format before PyTorch 1.6 as well', async () => {
    const path = join(folder, 'legacy-evil.bin');
    const magic = (await readFile(fixture('legacy.bin'))).subarray(0, 15);
    const evil = Buffer.from(`\x80\x02cos\nsystem\n${command}\x85R.`, 'latin1');
    await writeFile(path, Buffer.concat([magic, evil]));
    expect((await refusalOf(path)).what).toContain('names os.system');
  });
});
