import { type Comparison, compareCandidate, type Limits, readComparison } from 'model-registry';
import type { Config } from '../pipeline/config.js';
import type { StageContext } from '../pipeline/context.js';
import type { EvalMetrics } from '../pipeline/manifest.js';

/** What a model may lose against the champion without being worse, as the configuration says. */
export function limitsOf({ register }: Config): Limits {
  const { max_calibration_increase, max_slice_drop, max_slowdown } = register.gate;
  return {
    calibrationIncrease: max_calibration_increase,
    sliceDrop: max_slice_drop,
    slowdown: max_slowdown,
  };
}

/**
 * Compares the judged model with the version in Production, by what eval left of both. Where an earlier
 * try has put the model itself there, what was found then holds.
 */
export async function challenge(
  config: Config,
  { mlflow, run }: StageContext,
  judged: EvalMetrics,
): Promise<Comparison> {
  const comparison = await compareCandidate(mlflow, {
    name: config.model.registered_name,
    candidate: {
      modelId: judged.model_id,
      runId: run.runId,
      accuracy: judged.metrics.accuracy,
    },
    limits: limitsOf(config),
  });
  if (comparison.verdict !== null) return comparison;
  const before = await readComparison(mlflow, run.artifactUri);
  return before?.challenger.modelId === judged.model_id ? before : comparison;
}
