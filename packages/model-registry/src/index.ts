export { deleteVersion } from './delete.js';
export { downloadModel, modelUri } from './download.js';
export { RegistryError } from './errors.js';
export { checkGate, type Gate } from './gate.js';
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
