export { downloadModel, modelUri } from './download.js';
export { checkGate, type Gate } from './gate.js';
export { adoptModel, type RegistryMirror, writeMirror } from './mirror.js';
export { type SetStage, setStage } from './stage.js';
export {
  ACCURACY_TAG,
  findVersion,
  listVersions,
  type RegisteredVersion,
  type VersionSelector,
} from './versions.js';
