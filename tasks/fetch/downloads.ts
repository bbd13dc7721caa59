import { basename, join } from 'node:path';
import { useEntry } from '../cache/uses.js';
import type { StageContext } from '../pipeline/context.js';
import type { Repository } from './hub/repository.js';
import type { HubSettings } from './hub/settings.js';
import { type Select, type Snapshot, snapshot, storageFolder } from './hub/snapshot.js';

/** Where downloads go unless HF_HOME says otherwise. */
export function hubCache({ volume }: Pick<StageContext, 'volume'>): string {
  return volume.cacheDir('downloads', 'hub');
}

/** A snapshot of a repository of the hub, noted as used where it lies in the volume's cache. */
export async function fetchSnapshot(
  repository: Repository,
  select: Select,
  settings: HubSettings,
  context: StageContext,
): Promise<Snapshot> {
  if (settings.cache === hubCache(context)) {
    const key = join('hub', basename(storageFolder(repository, settings)));
    await useEntry({ kind: 'downloads', key }, repository.name, context);
  }
  return snapshot(repository, select, settings, context);
}
