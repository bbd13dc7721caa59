import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Tokenizer } from 'bert-tfjs';
import { describe, expect, it } from 'vitest';
import { encodeSplit, readEncodedSplit } from '../cache/encoded-split.js';
import { listEntries, totalBytes } from '../cache/entries.js';
import { limitCache, planPrune, prune } from '../cache/prune.js';
import { type CacheKind, useEntry, usesFolder } from '../cache/uses.js';
import { fetchStage } from '../fetch/fetch.js';
import type { Split } from '../pipeline/manifest.js';
import { endRun } from '../pipeline/run.js';
import { atTerminal, ml4 } from './cli-support.js';
import { type TestPipeline, testPipeline } from './pipeline-support.js';

const KCBERT = join(import.meta.dirname, 'fixtures/fetch-kcbert');
const QUICKSTART = ['dataset.name=quickstart', 'model.name=scratch', 'dataset.sampling_rate=0.05'];
const DAY_MS = 24 * 60 * 60 * 1000;

/** A pipeline with a volume of its own, so that no other test uses what is removed here. */
const ownVolume = (set: string[] = []) => testPipeline({ mounted: false, set });

/** Another pipeline on the volume of the first. */
async function onVolumeOf({ context }: TestPipeline, set: string[] = []): Promise<TestPipeline> {
  return testPipeline({ mounted: false, set: [`tracking.volume=${context.volume.root}`, ...set] });
}

describe('the token ids of a split', () => {
  const texts = ['이 영화는 좋다', '이 영화는 정말 정말 재미있다 그래서 또 본다', '별로', '뷁'];

  async function input(pipeline: TestPipeline, maxLength: number) {
    const content = texts
      .map((text, id) => `${JSON.stringify({ id: `${id}`, text, label: id % 2 })}\n`)
      .join('');
    const sha256 = createHash('sha256').update(content).digest('hex');
    const path = join(pipeline.context.volume.root, 'train.jsonl');
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
    const split: Split = { path: 'train.jsonl', sha256, rows: texts.length };
    const tokenizer = await Tokenizer.fromFolder(KCBERT);
    return { name: 'reviews train', split, tokenizer, maxLength };
  }

  it('are those of the tokenizer, cut at the same place', async () => {
    const pipeline = await ownVolume();
    const of = await input(pipeline, 8);
    const { inputIds, offsets, labels } = await readEncodedSplit(of, pipeline.context);
    const rows = texts.map((_, i) => inputIds.subarray(offsets[i], offsets[i + 1]));
    expect(rows).toEqual(texts.map((text) => of.tokenizer.encode(text, 8)));
    expect([...labels]).toEqual([0, 1, 0, 1]);
  });

  it('are counted on the way: lengths of whole texts, unknown tokens, where they are', async () => {
    const pipeline = await ownVolume();
    const of = await input(pipeline, 8);
    const { statistics } = await encodeSplit(of, pipeline.context);
    const whole = texts.map((text) => of.tokenizer.encode(text, 1000));
    expect(statistics.texts).toBe(4);
    expect(statistics.tokens).toBe(whole.reduce((sum, ids) => sum + ids.length - 2, 0));
    expect(statistics.lengths.length - 1).toBe(Math.max(...whole.map((ids) => ids.length)));
    expect(statistics.unknown).toBe(
      whole.flatMap((ids) => [...ids]).filter((id) => id === of.tokenizer.unkId).length,
    );
    expect(statistics.examples).toMatchObject({ truncated: ['1'] });
    expect(statistics.examples.unknown).toContain('3');
  });

  it('are made once for a content, a tokenizer and a length', async () => {
    const pipeline = await ownVolume();
    const { folder } = await encodeSplit(await input(pipeline, 8), pipeline.context);
    const again = await encodeSplit(await input(pipeline, 8), pipeline.context);
    const longer = await encodeSplit(await input(pipeline, 16), pipeline.context);
    expect(again.folder).toBe(folder);
    expect(longer.folder).not.toBe(folder);
    expect(pipeline.lines.filter((line) => line.includes('Tokenized'))).toHaveLength(2);
  });

  it('are made again where they were damaged', async () => {
    const pipeline = await ownVolume();
    const of = await input(pipeline, 8);
    const first = await readEncodedSplit(of, pipeline.context);
    const { folder } = await encodeSplit(of, pipeline.context);
    await writeFile(join(folder, 'input_ids.i32'), 'damaged!');
    expect(await readEncodedSplit(of, pipeline.context)).toEqual(first);
    expect(pipeline.lines.join('\n')).toContain('are damaged: made again');
  });
});

describe('a second pipeline with the same data and model', () => {
  it('generates, converts and tokenizes nothing', async () => {
    const first = await ownVolume(QUICKSTART);
    await fetchStage(first.config, first.context);
    expect(first.lines.filter((line) => line.includes('Tokenized'))).toHaveLength(3);
    const second = await onVolumeOf(first, QUICKSTART);
    await fetchStage(second.config, second.context);
    expect(second.lines.join('\n')).not.toMatch(/Tokenized|Generated/);
  });
});

/** An entry of a KB for each use, the oldest first. */
async function entryOf(
  { context }: TestPipeline,
  key: string,
  daysAgo: number,
  kind: CacheKind = 'datasets',
): Promise<string> {
  const folder = await useEntry({ kind, key }, `data ${key}`, context);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'train.jsonl'), Buffer.alloc(1000));
  const path = join(usesFolder(context.volume.root, { kind, key }), `${context.run.runId}.json`);
  const use = JSON.parse(await readFile(path, 'utf8'));
  const used_at = new Date(Date.now() - daysAgo * DAY_MS).toISOString();
  await writeFile(path, JSON.stringify({ ...use, used_at }));
  return folder;
}

describe('the cache', () => {
  const { signal } = new AbortController();

  it('lists what it holds: what, how large, when and by whom it was used', async () => {
    const pipeline = await ownVolume();
    const { volume, pipelineId } = pipeline.context;
    await entryOf(pipeline, 'a', 3);
    await entryOf(pipeline, 'b', 1, 'models');
    const entries = await listEntries(volume.root);
    expect(entries).toMatchObject([
      { kind: 'datasets', key: 'a', name: 'data a', bytes: 1000 },
      { kind: 'models', key: 'b', name: 'data b', bytes: 1000 },
    ]);
    expect(entries[0]!.uses).toMatchObject([{ pipeline_id: pipelineId }]);
    expect(totalBytes(entries)).toBe(2000);
  });

  it('keeps what a running pipeline uses, and says so', async () => {
    const pipeline = await ownVolume();
    const { volume, mlflow, pipelineId } = pipeline.context;
    const folder = await entryOf(pipeline, 'a', 100);
    const plan = await planPrune(volume.root, { olderThanDays: 30, maxSizeGb: 0 }, mlflow);
    expect(plan.remove).toEqual([]);
    expect(plan.kept[0]!.reason).toBe(`pipeline ${pipelineId} is running`);
    expect(await prune(volume.root, plan, signal)).toEqual([]);
    expect(existsSync(folder)).toBe(true);
  });

  it('removes by age what only finished pipelines have used', async () => {
    const pipeline = await ownVolume();
    const { volume, mlflow } = pipeline.context;
    const old = await entryOf(pipeline, 'old', 40);
    const recent = await entryOf(pipeline, 'recent', 2);
    await endRun(pipeline.context, 'FINISHED');
    const plan = await planPrune(volume.root, { olderThanDays: 30 }, mlflow);
    expect(plan).toMatchObject({ remove: [{ key: 'old' }], bytesBefore: 2000, bytesAfter: 1000 });
    await prune(volume.root, plan, signal);
    expect([existsSync(old), existsSync(recent)]).toEqual([false, true]);
    expect(await readdir(dirname(old))).toEqual(['recent']);
  });

  it('removes by size what was used longest ago', async () => {
    const pipeline = await ownVolume();
    const { volume, mlflow } = pipeline.context;
    for (const [key, days] of Object.entries({ c: 1, a: 9, b: 5 })) {
      await entryOf(pipeline, key, days);
    }
    await endRun(pipeline.context, 'FINISHED');
    const plan = await planPrune(volume.root, { maxSizeGb: 1e-6 }, mlflow);
    expect(plan.remove.map(({ key }) => key)).toEqual(['a', 'b']);
  });

  it('keeps for a day what a pipeline needs that failed and may be started again', async () => {
    const pipeline = await ownVolume();
    const { volume, mlflow } = pipeline.context;
    await entryOf(pipeline, 'today', 0.5);
    await entryOf(pipeline, 'last week', 7);
    await endRun(pipeline.context, 'FAILED');
    const plan = await planPrune(volume.root, { maxSizeGb: 0 }, mlflow);
    expect(plan.remove.map(({ key }) => key)).toEqual(['last week']);
    expect(plan.kept[0]!.reason).toContain('may go on');
  });

  it('keeps what a pipeline begins to use after the plan was made', async () => {
    const first = await ownVolume();
    const { volume, mlflow } = first.context;
    const folder = await entryOf(first, 'a', 40);
    await endRun(first.context, 'FINISHED');
    const plan = await planPrune(volume.root, { olderThanDays: 30 }, mlflow);
    expect(plan.remove).toHaveLength(1);
    const second = await onVolumeOf(first);
    await useEntry({ kind: 'datasets', key: 'a' }, 'data a', second.context);
    expect(await prune(volume.root, plan, signal)).toEqual([]);
    expect(existsSync(folder)).toBe(true);
  });

  it('removes what a stopped command left half-written, after a day', async () => {
    const { context } = await ownVolume();
    const { volume, mlflow } = context;
    const folder = volume.cacheDir('models', 'abc.0f8fad5b.tmp');
    await mkdir(folder, { recursive: true });
    expect((await planPrune(volume.root, {}, mlflow)).remove).toEqual([]);
    const before = new Date(Date.now() - 2 * DAY_MS);
    await utimes(folder, before, before);
    expect((await planPrune(volume.root, {}, mlflow)).remove).toMatchObject([{ isPartial: true }]);
  });

  it('is kept under cache.max_size_gb by fetch', async () => {
    const pipeline = await ownVolume();
    const { volume } = pipeline.context;
    const old = await entryOf(pipeline, 'old', 9);
    await endRun(pipeline.context, 'FINISHED');
    const running = await onVolumeOf(pipeline);
    const used = await entryOf(running, 'used', 10);
    await limitCache({ cache: { max_size_gb: 1.5e-6 } }, running.context);
    expect([existsSync(old), existsSync(used)]).toEqual([false, true]);
    expect(running.lines.join('\n')).toContain('Removed from the cache');
    await limitCache({ cache: { max_size_gb: 1e-7 } }, { ...running.context, volume });
    expect(running.lines.join('\n')).toContain('running pipelines use all of it');
  });
});

describe('ml4 cache', () => {
  async function commands() {
    const pipeline = await ownVolume();
    const folder = await entryOf(pipeline, 'old', 40);
    await endRun(pipeline.context, 'FINISHED');
    const { uri, volume } = pipeline.config.tracking;
    const set = [`tracking.uri=${uri}`, `tracking.volume=${volume}`];
    const options = set.flatMap((value) => ['--set', value]);
    const run = (...args: string[]) => ml4(['cache', ...args, ...options]);
    return { run, folder, options };
  }

  it('list shows the entries, as a table and as JSON', async () => {
    const { run } = await commands();
    const { code, stdout } = await run('list');
    expect(code).toBe(0);
    expect(stdout).toMatch(/datasets.*data old.*old/);
    const { entries, bytes } = JSON.parse((await run('list', '--json')).stdout);
    expect(bytes).toBe(1000);
    expect(entries).toMatchObject([{ kind: 'datasets', key: 'old', bytes: 1000 }]);
  });

  it('prune removes nothing in a dry run, nor without a yes', async () => {
    const { run, folder } = await commands();
    const dry = await run('prune', '--older-than', '30', '--dry-run', '--json');
    expect(JSON.parse(dry.stdout)).toMatchObject({
      dry_run: true,
      removed: [{ key: 'old' }],
      bytes_freed: 1000,
    });
    const silent = await run('prune', '--older-than', '30');
    expect(silent.code).toBe(2);
    expect(silent.stderr).toContain('--yes');
    expect(existsSync(folder)).toBe(true);
  });

  it('prune --yes removes it', async () => {
    const { run, folder } = await commands();
    const { code, stdout } = await run('prune', '--older-than', '30', '--yes');
    expect(code).toBe(0);
    expect(stdout).toContain('Removed 1 entry');
    expect(existsSync(folder)).toBe(false);
  });

  it('prune asks at a terminal, after it has shown what would go', async () => {
    const { folder, options } = await commands();
    const prune = ['cache', 'prune', '--older-than', '30', ...options];
    const kept = await atTerminal(prune, [[/Remove\s+1\s+entry\?/, 'n\r']]);
    expect(kept).toMatch(/data old[\s\S]*Nothing was removed/);
    expect(existsSync(folder)).toBe(true);
    const removed = await atTerminal(prune, [[/Remove\s+1\s+entry\?/, 'y\r']]);
    expect(removed).toContain('Removed 1 entry');
    expect(existsSync(folder)).toBe(false);
  });

  it('prune refuses a bound that is no number', async () => {
    const { run } = await commands();
    const { code, stderr } = await run('prune', '--older-than', 'a week');
    expect(code).toBe(2);
    expect(stderr).toContain('number');
  });
});
