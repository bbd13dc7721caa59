/**
 * The learning rate of a step (counted from 1): linear warm-up, then linear decay to 0 after
 * `totalSteps` (transformers' `get_linear_schedule_with_warmup`).
 */
export function linearSchedule(
  step: number,
  { learningRate, warmupRatio, totalSteps }: LinearScheduleOptions,
): number {
  const warmupSteps = Math.ceil(totalSteps * warmupRatio);
  const warmup = warmupSteps > 0 ? step / warmupSteps : 1;
  const decay = (totalSteps - step + 1) / Math.max(totalSteps - warmupSteps, 1);
  return learningRate * Math.min(warmup, decay, 1);
}

export interface LinearScheduleOptions {
  readonly learningRate: number;
  /** Share of the steps in which the rate rises, 0 … 1. */
  readonly warmupRatio: number;
  readonly totalSteps: number;
}
