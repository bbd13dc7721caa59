import { resolve } from 'node:path';
import {
  ACCURACY_HIGH_TAG,
  ACCURACY_LOW_TAG,
  ACCURACY_TAG,
  adoptModel,
  COMPARISON,
  type Comparison,
  checkGate,
  meets,
  setStage,
  syncMirror,
  unmet,
} from 'model-registry';
import type { Config } from '../pipeline/config.js';
import type { Result, StageContext } from '../pipeline/context.js';
import { GateNotPassed } from '../pipeline/errors.js';
import { type RegisterResult, readManifest, writeManifest } from '../pipeline/manifest.js';
import { projectRoot } from '../pipeline/project.js';
import { challenge } from './challenge.js';
import { describeVersion } from './description.js';
import { currentUser } from './user.js';

const STAGES = ['None', 'Staging', 'Production'] as const;
type RegisterStage = (typeof STAGES)[number];

/**
 * Registers the judged model as a version of `model.registered_name`, if it passes the gate and
 * whoever is asked agrees. Called again it makes no second version.
 *
 * @throws GateNotPassed after that is recorded.
 */
export async function registerStage(config: Config, context: StageContext): Promise<Result> {
  const { mlflow, run, volume, logger, pipelineId, prompts } = context;
  const judged = await readManifest(volume, 'eval/metrics.json');
  const { registered_name: name, register_threshold: threshold } = config.model;
  const { accuracy, accuracy_low, accuracy_high } = judged.metrics;
  const comparison = await challenge(config, context, judged);
  await volume.writeArtifact(COMPARISON, `${JSON.stringify(comparison, null, 2)}\n`);
  const requirement = config.register.gate.to_register;
  const gate = checkGate({ accuracy, threshold, comparison, requirement });
  const { champion, verdict, reasons } = comparison;
  const result: RegisterResult = {
    version: 1,
    model_id: judged.model_id,
    registered_name: name,
    passed: gate.passed,
    reason: gate.reason,
    accuracy,
    threshold,
    model_version: null,
    stage: null,
    champion: champion && { version: champion.version!, accuracy: champion.accuracy },
    verdict,
    comparison: reasons,
  };
  await mlflow.setTags(run.runId, {
    'ml4.gate': gate.passed ? 'passed' : 'not passed',
    'ml4.verdict': verdict ?? 'no champion',
  });
  if (verdict) logger.info(`Against the version in Production: ${verdict}. ${reasons.join(' ')}`);
  const stage = gate.passed ? await decide(config, context, { gate, comparison }) : null;
  if (stage === null) {
    await writeManifest(volume, 'register/result.json', result);
    if (!gate.passed) throw new GateNotPassed(`${gate.reason} Nothing is registered.`);
    logger.info('Not registered, as answered.');
    return toResult(result);
  }

  const fetched = await readManifest(volume, 'fetch/manifest.json');
  const description = describeVersion({ config, fetched, judged, comparison, run });
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
      ...(accuracy_low !== undefined && { [ACCURACY_LOW_TAG]: String(accuracy_low) }),
      ...(accuracy_high !== undefined && { [ACCURACY_HIGH_TAG]: String(accuracy_high) }),
      'ml4.verdict': verdict ?? 'no champion',
      'ml4.pipeline_id': pipelineId,
      'ml4.dataset': fetched.dataset.name,
      'ml4.dataset_sha256': fetched.dataset.sha256,
      'ml4.pretrained': fetched.pretrained.name,
    },
  });
  await adoptModel(mlflow, name);
  await setStage(mlflow, {
    name,
    version,
    stage,
    by: prompts ? currentUser() : `pipeline ${pipelineId}`,
    why: `registered; ${verdict ? `${verdict}, against version ${champion?.version}` : gate.reason}`,
  });
  await syncMirror(mlflow, resolve(projectRoot, config.register.mirror));
  const registered: RegisterResult = { ...result, model_version: version, stage };
  await writeManifest(volume, 'register/result.json', registered);
  logger.info(`Registered as ${name}, version ${version}, stage ${stage}.`);
  return toResult(registered);
}

/** The stage to register in, as a person at the terminal or the configuration says; null: don't. */
async function decide(
  config: Config,
  { prompts, logger }: StageContext,
  { gate, comparison }: { gate: { reason: string }; comparison: Comparison },
): Promise<RegisterStage | null> {
  const { stage, gate: required } = config.register;
  const mayPromote = meets(comparison, required.to_promote);
  if (!prompts) {
    if (stage !== 'Production' || mayPromote) return stage;
    logger.warn(
      `Not to Production but to Staging: ${unmet(comparison, required.to_promote)} \`ml4 models promote\` decides otherwise.`,
    );
    return 'Staging';
  }
  const name = config.model.registered_name;
  if (!(await prompts.confirm(`${gate.reason} Register the model as ${name}?`))) return null;
  const chosen = await prompts.choose('Stage', STAGES);
  if (chosen !== 'Production' || mayPromote) return chosen;
  const question = `For Production ${unmet(comparison, required.to_promote)} To Production all the same?`;
  return (await prompts.confirm(question)) ? chosen : 'Staging';
}

function toResult(result: RegisterResult): Result {
  const { registered_name, passed, accuracy, threshold, verdict, model_id } = result;
  const { model_version, stage } = result;
  return {
    registered_name,
    model_version,
    stage,
    passed,
    verdict,
    accuracy,
    threshold,
    model_id,
  };
}
