import Table from 'cli-table3';
import { type CacheEntry, listEntries, totalBytes } from '../cache/entries.js';
import { type PrunePlan, planPrune, prune } from '../cache/prune.js';
import { InputError } from '../pipeline/errors.js';
import { openTracking, volumeRoot } from '../pipeline/run.js';
import { terminalPrompts } from './display.js';
import { type CommonOptions, configOf } from './options.js';

export interface CacheOptions extends CommonOptions {
  json?: true;
}

export interface PruneOptions extends CacheOptions {
  olderThan?: number;
  maxSize?: number;
  dryRun?: true;
  yes?: true;
}

/** `ml4 cache list`: what lies in the cache of the volume, how large, who used it last. */
export async function cacheListCommand(options: CacheOptions): Promise<void> {
  const root = volumeRoot(await configOf(options));
  const entries = (await listEntries(root)).reverse();
  if (options.json) {
    print(JSON.stringify({ bytes: totalBytes(entries), entries: entries.map(toJson) }));
    return;
  }
  if (entries.length === 0) {
    print(`The cache in ${root} is empty: \`ml4 fetch\` fills it.`);
    return;
  }
  print(tableOf(entries));
  print(`${counted(entries)}, ${inUnits(totalBytes(entries))} on the disk.`);
}

/**
 * `ml4 cache prune`: removes what was not used for long, or what is beyond the size bound; never
 * what a running pipeline uses.
 *
 * @throws InputError where nobody can be asked and `--yes` is not given
 */
export async function cachePruneCommand(options: PruneOptions): Promise<void> {
  const config = await configOf(options);
  const root = volumeRoot(config);
  const noBound = options.olderThan === undefined && options.maxSize === undefined;
  const bounds = {
    olderThanDays: options.olderThan,
    maxSizeGb: noBound ? (config.cache.max_size_gb ?? undefined) : options.maxSize,
  };
  const plan = await planPrune(root, bounds, await openTracking(config));
  const isWanted = options.dryRun ? false : await confirm(plan, options);
  const { signal } = new AbortController();
  const removed = isWanted ? await prune(root, plan, signal) : [];
  if (options.json) {
    const kept = plan.kept.map(({ entry, reason }) => ({ ...toJson(entry), reason }));
    const planned = (options.dryRun ? plan.remove : removed).map(toJson);
    const bytes_freed = options.dryRun || isWanted ? plan.bytesBefore - plan.bytesAfter : 0;
    print(
      JSON.stringify({ dry_run: options.dryRun === true, removed: planned, kept, bytes_freed }),
    );
    return;
  }
  if (options.dryRun) print(describePlan(plan));
  else if (plan.remove.length === 0) print(describePlan(plan));
  else if (!isWanted) print('Nothing was removed.');
  else {
    print(
      `Removed ${counted(removed)}; ${inUnits(plan.bytesBefore - plan.bytesAfter)} are free again.`,
    );
  }
}

async function confirm(plan: PrunePlan, { yes, json }: PruneOptions): Promise<boolean> {
  if (plan.remove.length === 0) return false;
  if (yes) return true;
  const prompts = json ? undefined : terminalPrompts(new AbortController().signal);
  if (!prompts) {
    throw new InputError(`${counted(plan.remove)} of the cache would be removed.`, {
      fix: 'Say --yes to remove them, or --dry-run to see them.',
    });
  }
  print(describePlan(plan));
  return prompts.confirm(`Remove ${counted(plan.remove)}?`);
}

function describePlan({ remove, kept, bytesBefore, bytesAfter }: PrunePlan): string {
  const lines = kept.map(({ entry, reason }) => `Kept: ${entry.kind} ${entry.name}: ${reason}.`);
  if (remove.length === 0) return ['Nothing is to be removed.', ...lines].join('\n');
  const freed = inUnits(bytesBefore - bytesAfter);
  return [tableOf(remove), `${counted(remove)} to remove, ${freed}.`, ...lines].join('\n');
}

function tableOf(entries: readonly CacheEntry[]): string {
  const table = new Table({
    head: ['What', 'Name', 'Key', 'Size', 'Last used', 'By pipeline'],
    chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' },
    style: { head: [], border: [] },
  });
  for (const { kind, name, key, bytes, lastUsed, uses } of entries) {
    const by = uses[0]?.pipeline_id ?? '';
    table.push([
      kind,
      name,
      key.length > 24 ? `${key.slice(0, 23)}…` : key,
      inUnits(bytes),
      lastUsed.toISOString().slice(0, 16).replace('T', ' '),
      uses.length > 1 ? `${by} and ${uses.length - 1} more` : by,
    ]);
  }
  return table.toString();
}

function toJson({ kind, key, path, name, bytes, lastUsed, uses }: CacheEntry) {
  return { kind, key, path, name, bytes, last_used: lastUsed.toISOString(), used_by: uses };
}

function counted({ length }: readonly CacheEntry[]): string {
  return `${length} ${length === 1 ? 'entry' : 'entries'}`;
}

function inUnits(bytes: number): string {
  const [size, unit] =
    bytes >= 1e9 ? [bytes / 1e9, 'GB'] : bytes >= 1e6 ? [bytes / 1e6, 'MB'] : [bytes / 1e3, 'kB'];
  return `${size.toFixed(1)} ${unit}`;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
