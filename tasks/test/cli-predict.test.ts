import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, watch, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { parquetWriteFile } from 'hyparquet-writer';
import { beforeAll, describe, expect, it } from 'vitest';
import { sharedServer, uniqueName } from '../../packages/mlflow-rest-ts/test/server.js';
import { evalStage } from '../eval/eval.js';
import { registerStage } from '../register/register.js';
import { bin, ml4 } from './cli-support.js';
import { temporaryFolder } from './pipeline-support.js';
import { LABELS, trainedPipeline } from './trained-pipeline.js';

const TEXTS = ['영화 정말 재밌다', '결말 너무 지루하다', '음악, "연기" 없다'];

let config: string;
let name: string;
beforeAll(async () => {
  const server = await sharedServer();
  name = uniqueName('predict');
  const pipeline = await trainedPipeline(server, server.artifacts, name);
  pipeline.config.model.register_threshold = 0;
  await evalStage(pipeline.config, pipeline.context);
  await registerStage(pipeline.config, pipeline.context);
  config = join(server.artifacts, `${name}.yaml`);
  await writeFile(config, JSON.stringify(pipeline.config));
});

const predict = (args: string[], stdin?: string | Buffer) =>
  ml4(['predict', '--config', config, ...args], stdin === undefined ? {} : { stdin });

/** Label and score of each text, as given on the command line. */
async function expected(): Promise<{ text: string; label: string; score: number }[]> {
  const { stdout } = await predict([...TEXTS, '--json']);
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

describe('ml4 predict of texts', () => {
  it('shows label and probability, and which version says so', async () => {
    const { stdout, code } = await predict([TEXTS[0]!]);
    expect(stdout).toContain(`${name} 1, stage Staging`);
    expect(stdout).toMatch(/│ (부정|긍정) +│ 0\.\d{4} +│ 영화 정말 재밌다 │/);
    expect(code).toBe(0);
  });

  it('prints JSON with the probability of every label', async () => {
    for (const { text, label, score, probabilities } of (await expected()) as never as {
      text: string;
      label: string;
      score: number;
      probabilities: Record<string, number>;
    }[]) {
      expect(TEXTS).toContain(text);
      expect(Object.keys(probabilities)).toEqual(LABELS);
      expect(probabilities[label]).toBe(score);
    }
  });

  it('takes the version of a number, a stage or an alias', async () => {
    for (const args of [
      ['--model-version', '1'],
      ['--stage', 'Staging'],
      ['--alias', 'staging'],
    ]) {
      expect((await predict([...args, TEXTS[0]!])).stdout).toContain(`${name} 1, stage Staging`);
    }
    const { code, stderr } = await predict(['--model-version', '7', TEXTS[0]!]);
    expect(stderr).toContain(`ml4: The registered model ${name} has no version 7.`);
    expect(code).toBe(2);
  });
});

describe('ml4 predict of standard input', () => {
  it('labels each line that is not empty', async () => {
    const { stdout } = await predict(['--json'], `${TEXTS[0]}\r\n\n${TEXTS[1]}`);
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toEqual((await expected()).slice(0, 2));
  });

  it('prints label, probability and text, tab-separated, for people', async () => {
    const { stdout } = await predict([], `${TEXTS[0]}\n`);
    const { label, score } = (await expected())[0]!;
    expect(stdout).toBe(`${label}\t${score.toFixed(4)}\t${TEXTS[0]}\n`);
  });

  it('stops at once when told to, and leaves no output', async () => {
    const folder = await temporaryFolder();
    const output = join(folder, 'labeled.csv');
    const args = [bin, 'predict', '--config', config, '--output', output];
    const child = spawn(process.execPath, args, { stdio: ['pipe', 'ignore', 'pipe'] });
    let stderr = '';
    child.stderr.on('data', (text) => {
      stderr += text;
    });
    const ended = once(child, 'close');
    child.stdin.write(`${TEXTS[0]}\n`);
    for await (const { filename } of watch(folder)) {
      if (filename?.endsWith('.partial')) break;
    }
    const started = performance.now();
    child.kill('SIGTERM');
    expect(await ended).toEqual([143, null]);
    expect(stderr).toContain(`Stopped by SIGTERM. There is no ${output}.`);
    expect(performance.now() - started).toBeLessThan(8000); // it has 9 seconds
    expect(await readdir(folder)).toEqual([]);
  });

  it('says what to do with another encoding', async () => {
    const cp949 = Buffer.from([0xc0, 0xe7, 0xb9, 0xcc, 0x0a]);
    const { code, stderr } = await predict([], cp949);
    expect(stderr).toContain('Standard input is not UTF-8.');
    expect(stderr).toContain('iconv -f CP949 -t UTF-8');
    expect(code).toBe(2);
  });
});

describe('ml4 predict of a file', () => {
  const csv = `id,text\n${TEXTS.map((text, i) => `r${i},"${text.replaceAll('"', '""')}"`).join('\n')}\n`;
  const jsonl = TEXTS.map((text, i) => `${JSON.stringify({ id: `r${i}`, text })}\n`).join('');

  it.each<[string, (file: string) => Promise<void>]>([
    ['texts.csv', (file) => writeFile(file, csv)],
    ['texts.csv.gz', (file) => writeFile(file, gzipSync(csv))],
    ['texts.jsonl', (file) => writeFile(file, jsonl)],
    [
      'texts.parquet',
      async (file) =>
        parquetWriteFile({
          filename: file,
          columnData: [
            { name: 'id', data: TEXTS.map((_, i) => `r${i}`) },
            { name: 'text', data: TEXTS },
          ],
        }),
    ],
  ])('reads %s without labels and writes JSONL, in order', async (file, write) => {
    const folder = await temporaryFolder();
    await write(join(folder, file));
    const output = join(folder, 'made', 'labeled.jsonl');
    const { code, stderr, stdout } = await predict([
      '--file',
      join(folder, file),
      '--output',
      output,
    ]);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/labeled 3 texts in \d/);
    expect(code).toBe(0);
    const rows = (await readFile(output, 'utf8')).trim().split('\n');
    const labeled = rows.map((row) => JSON.parse(row));
    expect(labeled).toEqual((await expected()).map((row, i) => ({ id: `r${i}`, ...row })));
    expect(await readdir(join(folder, 'made'))).toEqual(['labeled.jsonl']);
  });

  it('reads plain lines, and writes CSV that quotes what it must', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'texts.txt'), `${TEXTS.join('\n')}\n`);
    const output = join(folder, 'labeled.csv');
    await predict(['--file', join(folder, 'texts.txt'), '--output', output]);
    const [, , third] = await expected();
    const lines = (await readFile(output, 'utf8')).trimEnd().split('\n');
    expect(lines[0]).toBe('text,label,score');
    expect(lines[3]).toBe(`"음악, ""연기"" 없다",${third!.label},${third!.score}`);
  });

  it('leaves no output where the file is broken, and names the line', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'texts.jsonl'), `${jsonl}{"text": 1`);
    const output = join(folder, 'labeled.csv');
    const { code, stderr } = await predict([
      '--file',
      join(folder, 'texts.jsonl'),
      '--output',
      output,
    ]);
    expect(stderr).toContain('texts.jsonl:4: Not JSON');
    expect(code).toBe(2);
    expect(await readdir(folder)).toEqual(['texts.jsonl']);
  });

  it('refuses an output of another kind before it does anything', async () => {
    const file = join(await temporaryFolder(), 'texts.txt');
    await writeFile(file, '좋다\n');
    const { code, stderr } = await predict(['--file', file, '--output', 'labeled.xlsx']);
    expect(stderr).toContain('--output labeled.xlsx: Not a file that labels can be written into.');
    expect(code).toBe(2);
  });

  it('refuses a folder, and an output that is one', async () => {
    const folder = await temporaryFolder();
    const { code, stderr } = await predict(['--file', folder]);
    expect(stderr).toContain(`--file ${folder}: This is no file.`);
    expect(code).toBe(2);
    await mkdir(join(folder, 'labeled.csv'));
    const output = await predict(['좋다', '--output', join(folder, 'labeled.csv')]);
    expect(output.stderr).toContain(`${folder}/labeled.csv: This is a folder, not a file.`);
    expect(output.code).toBe(2);
    expect(await readdir(folder)).toEqual(['labeled.csv']);
  });

  it('says which file is not there', async () => {
    const { code, stderr } = await predict(['--file', '/none/texts.csv']);
    expect(stderr).toContain('/none/texts.csv');
    expect(stderr).not.toContain('Defect');
    expect(code).toBe(2);
  });
});
