import { readdir, rm } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { savePretrained } from 'bert-tfjs';
import type { LoggedModel } from 'mlflow-rest-ts';
import type { Config } from '../pipeline/config.js';
import type { StageContext } from '../pipeline/context.js';
import { type FetchManifest, sha256File } from '../pipeline/manifest.js';
import { writeMlflowModel } from './mlflow-model.js';
import type { PreparedModel } from './prepare-model.js';

const EXAMPLES = ['배우들 연기가 정말 훌륭했어요', '이야기가 지루해서 끝까지 못 봤다'];

/** The logged model of this pipeline, made (PENDING) if there is none. */
export async function createLoggedModel(
  { model }: Config,
  { mlflow, run, pipelineId }: Pick<StageContext, 'mlflow' | 'run' | 'pipelineId'>,
  pretrained: FetchManifest['pretrained'],
): Promise<LoggedModel> {
  const loggedModel = await mlflow.ensureLoggedModel({
    experimentId: run.experimentId,
    keyTag: 'ml4.pipeline_id',
    key: pipelineId,
    name: model.registered_name,
    modelType: 'text-classifier',
    sourceRunId: run.runId,
    params: {
      pretrained_name: pretrained.name,
      pretrained_revision: pretrained.revision,
      pretrained_sha256: pretrained.sha256,
      cleaning: pretrained.cleaning ?? 'none',
    },
  });
  const { modelId } = loggedModel;
  const { outputs } = await mlflow.runs.get({ runId: run.runId });
  if (!outputs.models.some((output) => output.modelId === modelId)) {
    await mlflow.runs.logOutputs({ runId: run.runId, models: [{ modelId }] });
  }
  return loggedModel;
}

/**
 * Writes the trained model as an MLflow model, uploads it, and marks it READY.
 *
 * @param folder where to write it first; removed afterwards
 * @returns the sha256 of each file, by its path in the model
 */
export async function publishModel(
  model: PreparedModel,
  { modelId, artifactUri }: LoggedModel,
  folder: string,
  {
    mlflow,
    run,
    signal,
    maxLength,
  }: Pick<StageContext, 'mlflow' | 'run' | 'signal'> & { maxLength: number },
): Promise<{ files: Record<string, string>; tokenizerSha256: string }> {
  const huggingFace = join(folder, 'hugging-face');
  const mlflowModel = join(folder, 'mlflow');
  await rm(folder, { recursive: true, force: true });
  await savePretrained(huggingFace, model);
  await writeMlflowModel(mlflowModel, huggingFace, {
    modelId,
    runId: run.runId,
    maxLength,
    inputExample: EXAMPLES,
    createdAt: new Date(),
  });
  const files = await hashFolder(mlflowModel);
  await mlflow.uploadDir(artifactUri, mlflowModel, { signal });
  await mlflow.loggedModels.finalize({ modelId, status: 'READY' });
  await rm(folder, { recursive: true, force: true });
  return { files, tokenizerSha256: files['model/tokenizer.json']! };
}

/** The sha256 of each file below a folder, by its path in it, with forward slashes. */
async function hashFolder(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  const hashes: Record<string, string> = {};
  for (const path of paths) {
    hashes[relative(folder, path).split(sep).join('/')] = await sha256File(path);
  }
  return hashes;
}
