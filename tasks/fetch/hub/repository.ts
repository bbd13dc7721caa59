/** A repository of the hub at one of its revisions. */
export interface Repository {
  type: 'model' | 'dataset';
  /** `owner/name`. */
  name: string;
  /** Commit, branch, tag, or a ref such as `refs/convert/parquet`. */
  revision: string;
}

/** `model beomi/kcbert-base`, for messages. */
export function describe({ type, name }: Repository): string {
  return `${type === 'model' ? 'model' : 'data set'} ${name}`;
}

/** How to do without the hub. */
export function localInstead({ type }: Repository): string {
  return type === 'model'
    ? '--set model.path=<folder with config.json, vocab.txt and model.safetensors or pytorch_model.bin>'
    : '--set dataset.path=<file, or folder with a train and a test file>';
}
