export { compareJudgments, type Judged } from './compare-judgments.js';
export { type Candidate, compareCandidate, compareModels } from './compare-models.js';
export {
  type Comparison,
  type Contestant,
  DEFAULT_LIMITS,
  type Figures,
  type Limits,
  notComparable,
  type Obstacle,
  type PassedLimits,
  type SliceLoss,
  type Verdict,
  withoutChampion,
} from './comparison.js';
export { deleteVersion } from './delete.js';
export {
  COMPARISON,
  readComparison,
  showVersion,
  type Training,
  type TrainingData,
  type VersionDetails,
  type VersionRun,
} from './details.js';
export { downloadModel, modelUri } from './download.js';
export { RegistryError } from './errors.js';
export {
  CHAMPION_EVALUATION,
  type EvaluatedText,
  type Evaluation,
  evaluationSchema,
  type Judgment,
  OWN_EVALUATION,
  readEvaluation,
  readJudgment,
} from './evaluation.js';
export { checkGate, type Gate, meets, type Requirement, unmet } from './gate.js';
export { type Change, historyOf, type Who } from './history.js';
export { type RegistryMirror, syncMirror } from './mirror.js';
export { adoptModel, listModels, type RegisteredModel } from './models.js';
export { type ChangeVersion, demote, promote, setStage } from './promote.js';
export { rollback } from './rollback.js';
export { bootstrap, quantile } from './statistics/bootstrap.js';
export {
  expectedCalibrationError,
  type ReliabilityBin,
  reliabilityBins,
} from './statistics/calibration.js';
export {
  once,
  predictedLabel,
  type Scores,
  type TestPrediction,
  toScores,
} from './statistics/scores.js';
export {
  ACCURACY_HIGH_TAG,
  ACCURACY_LOW_TAG,
  ACCURACY_TAG,
  findVersion,
  listVersions,
  type RegisteredVersion,
  selectVersion,
  type VersionSelector,
} from './versions.js';
