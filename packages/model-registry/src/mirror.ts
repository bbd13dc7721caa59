import { randomUUID } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Ajv } from 'ajv';
import type { MlflowClient } from 'mlflow-rest-ts';
import { listVersions } from './versions.js';

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

/** Tag of the registered models that ml4 made; others on the same server are not mirrored. */
const OWN_TAG = 'ml4';

/** Marks a registered model as one of ml4's. */
export async function adoptModel(mlflow: MlflowClient, name: string): Promise<void> {
  await mlflow.registeredModels.setTag({ name, key: OWN_TAG, value: 'true' });
}

/** Rebuilds the mirror file from the server; it appears whole or not at all. */
export async function writeMirror(mlflow: MlflowClient, file: string): Promise<void> {
  const mirror = await mirrorOf(mlflow);
  if (!validate(mirror)) throw new Error(`${file}: ${ajv.errorsText(validate.errors)}.`);
  await writeWhole(file, `${JSON.stringify(mirror, null, 2)}\n`);
}

async function mirrorOf(mlflow: MlflowClient): Promise<RegistryMirror> {
  const models: MirroredModel[] = [];
  for await (const { name } of mlflow.registeredModels.searchAll({
    filter: `tags.${OWN_TAG} = 'true'`,
    orderBy: ['name ASC'],
  })) {
    const versions = await listVersions(mlflow, name);
    models.push({
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
    });
  }
  return { version: 1, models };
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
