import { resolve } from 'node:path';
import {
  ACCURACY_TAG,
  adoptModel,
  checkGate,
  findVersion,
  setStage,
  syncMirror,
} from 'model-registry';
import type { Config } from '../pipeline/config.js';
import type { Result, StageContext } from '../pipeline/context.js';
import { GateNotPassed } from '../pipeline/errors.js';
import {
  findManifest,
  type RegisterResult,
  readManifest,
  writeManifest,
} from '../pipeline/manifest.js';
import { projectRoot } from '../pipeline/project.js';
import { describeVersion } from './description.js';

const STAGES = ['None', 'Staging', 'Production'] as const;
type RegisterStage = (typeof STAGES)[number];

/**
 * Registers the judged model as a version of `model.registered_name`, if it passes the gate and
 * whoever is asked agrees. Called again it makes no second version.
 *
 * @throws GateNotPassed after that is recorded.
 */
export async function registerStage(config: Config, context: StageContext): Promise<Result> {
  const { mlflow, run, volume, logger, pipelineId } = context;
  const judged = await readManifest(volume, 'eval/metrics.json');
  const { registered_name: name, register_threshold: threshold } = config.model;
  const { accuracy } = judged.metrics;
  const gate = checkGate({ accuracy, threshold });
  const verdict: RegisterResult = {
    version: 1,
    model_id: judged.model_id,
    registered_name: name,
    passed: gate.passed,
    reason: gate.reason,
    accuracy,
    threshold,
    model_version: null,
    stage: null,
    champion: await championBefore(context, name, judged.model_id),
  };
  await mlflow.setTags(run.runId, { 'ml4.gate': gate.passed ? 'passed' : 'not passed' });
  const stage = gate.passed ? await decide(config, context, gate.reason) : null;
  if (stage === null) {
    await writeManifest(volume, 'register/result.json', verdict);
    if (!gate.passed) throw new GateNotPassed(`${gate.reason} Nothing is registered.`);
    logger.info('Not registered, as answered.');
    return toResult(verdict);
  }

  const fetched = await readManifest(volume, 'fetch/manifest.json');
  const description = describeVersion({ config, fetched, judged, run });
  const { version } = await mlflow.ensureModelVersion({
    name,
    source: `models:/${judged.model_id}`,
    runId: run.runId,
    modelId: judged.model_id,
    keyTag: 'ml4.model_id',
    key: judged.model_id,
    description,
    tags: {
      [ACCURACY_TAG]: String(accuracy),
      'ml4.pipeline_id': pipelineId,
      'ml4.dataset': fetched.dataset.name,
      'ml4.dataset_sha256': fetched.dataset.sha256,
      'ml4.pretrained': fetched.pretrained.name,
    },
  });
  await adoptModel(mlflow, name);
  await setStage(mlflow, { name, version, stage, by: `pipeline ${pipelineId}` });
  await syncMirror(mlflow, resolve(projectRoot, config.register.mirror));
  const registered: RegisterResult = { ...verdict, model_version: version, stage };
  await writeManifest(volume, 'register/result.json', registered);
  logger.info(`Registered as ${name}, version ${version}, stage ${stage}.`);
  return toResult(registered);
}

/** The stage to register in, as a person at the terminal or the configuration says; null: don't. */
async function decide(
  config: Config,
  { prompts }: StageContext,
  reason: string,
): Promise<RegisterStage | null> {
  if (!prompts) return config.register.stage;
  const name = config.model.registered_name;
  if (!(await prompts.confirm(`${reason} Register the model as ${name}?`))) return null;
  return prompts.choose('Stage', STAGES);
}

/** The version in Production, unless that is this model, which an earlier try put there. */
async function championBefore(
  { mlflow, volume }: StageContext,
  name: string,
  modelId: string,
): Promise<RegisterResult['champion']> {
  const champion = await findVersion(mlflow, name, { stage: 'Production' });
  if (champion && champion.modelId !== modelId) {
    return { version: champion.version, accuracy: champion.accuracy };
  }
  return (await findManifest(volume, 'register/result.json'))?.champion ?? null;
}

function toResult(result: RegisterResult): Result {
  const { registered_name, passed, accuracy, threshold, model_version, stage, model_id } = result;
  return { registered_name, model_version, stage, passed, accuracy, threshold, model_id };
}
