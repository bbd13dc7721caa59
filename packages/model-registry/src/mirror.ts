import { randomUUID } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Ajv } from 'ajv';
import type { MlflowClient } from 'mlflow-rest-ts';
import { listModels } from './models.js';

/** What the registry held when the file was written; the server is what counts. */
export interface RegistryMirror {
  version: 1;
  models: MirroredModel[];
}

interface MirroredModel {
  name: string;
  /** Version in Production; null: none. */
  production: string | null;
  /** Version in Staging; null: none. */
  staging: string | null;
  /** Newest first. */
  versions: MirroredVersion[];
}

interface MirroredVersion {
  version: string;
  stage: string;
  aliases: string[];
  accuracy: number | null;
  model_id: string | null;
  run_id: string | null;
  /** ISO 8601. */
  created_at: string;
}

/**
 * Rebuilds the mirror file from the server. It appears whole or not at all; of many who write it at
 * once the last leaves what the server holds.
 */
export async function syncMirror(mlflow: MlflowClient, file: string): Promise<RegistryMirror> {
  let written = await snapshot(mlflow, file);
  for (;;) {
    await writeWhole(file, toText(written));
    // What changed after the snapshot may have been written by another process before this one.
    const current = await snapshot(mlflow, file);
    if (toText(current) === toText(written)) return current;
    written = current;
  }
}

async function snapshot(mlflow: MlflowClient, file: string): Promise<RegistryMirror> {
  const models = (await listModels(mlflow)).map(
    ({ name, versions }): MirroredModel => ({
      name,
      production: versions.find(({ stage }) => stage === 'Production')?.version ?? null,
      staging: versions.find(({ stage }) => stage === 'Staging')?.version ?? null,
      versions: versions.map((one) => ({
        version: one.version,
        stage: one.stage,
        aliases: one.aliases,
        accuracy: one.accuracy,
        model_id: one.modelId,
        run_id: one.runId,
        created_at: one.createdAt.toISOString(),
      })),
    }),
  );
  models.sort((a, b) => (a.name < b.name ? -1 : 1));
  const mirror = { version: 1, models } as const;
  if (!validate(mirror)) throw new Error(`${file}: ${ajv.errorsText(validate.errors)}.`);
  return mirror;
}

function toText(mirror: RegistryMirror): string {
  return `${JSON.stringify(mirror, null, 2)}\n`;
}

const textOrNull = { type: ['string', 'null'], minLength: 1 };
const ajv = new Ajv({ allowUnionTypes: true });
const validate = ajv.compile({
  type: 'object',
  required: ['version', 'models'],
  properties: {
    version: { const: 1 },
    models: {
      type: 'array',
      items: {
        type: 'object',
        required: ['name', 'production', 'staging', 'versions'],
        properties: {
          name: { type: 'string', minLength: 1 },
          production: textOrNull,
          staging: textOrNull,
          versions: {
            type: 'array',
            items: {
              type: 'object',
              required: [
                'version',
                'stage',
                'aliases',
                'accuracy',
                'model_id',
                'run_id',
                'created_at',
              ],
              properties: {
                version: { type: 'string', pattern: '^[1-9][0-9]*$' },
                stage: { enum: ['None', 'Staging', 'Production', 'Archived'] },
                aliases: { type: 'array', items: { type: 'string' } },
                accuracy: { type: ['number', 'null'], minimum: 0, maximum: 1 },
                model_id: textOrNull,
                run_id: textOrNull,
                created_at: { type: 'string', minLength: 1 },
              },
            },
          },
        },
      },
    },
  },
});

async function writeWhole(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    const file = await open(temporary, 'wx');
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
