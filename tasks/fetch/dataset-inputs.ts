import type { DatasetInput } from 'mlflow-rest-ts';
import type { FetchManifest } from '../pipeline/manifest.js';
import type { DataSource } from './source.js';
import { SPLITS } from './survey.js';

/** MLflow takes 36 characters; half a sha256 is enough to tell data apart. */
export function datasetDigest(sha256: string): string {
  return sha256.slice(0, 32);
}

/** The splits as inputs of the run, for MLflow's page: one data set each, with what it is for. */
export function datasetInputs(
  { name, splits, labels }: FetchManifest['dataset'],
  { type, source }: DataSource['origin'],
): DatasetInput[] {
  return SPLITS.map((split) => ({
    tags: { 'mlflow.data.context': split },
    dataset: {
      name: `${name} ${split}`,
      digest: datasetDigest(splits[split].sha256),
      sourceType: type,
      source,
      schema: JSON.stringify({
        mlflow_colspec: [
          { name: 'text', type: 'string', required: true },
          { name: 'label', type: 'long', required: true },
        ],
      }),
      profile: JSON.stringify({ num_rows: splits[split].rows, labels }),
    },
  }));
}
