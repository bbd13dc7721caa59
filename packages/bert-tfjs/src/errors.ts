/**
 * A checkpoint, configuration or vocabulary file that cannot be used as it is. Trying again does
 * not help; the message names the file, what is wrong in it, and what to do.
 */
export class CheckpointError extends Error {
  override readonly name = 'CheckpointError';

  /**
   * @param file Path of the file, or of the folder, that was refused.
   * @param what What is wrong, and where in the file (tensor, key, line).
   * @param fix What the reader of the message can do.
   */
  constructor(
    readonly file: string,
    readonly what: string,
    readonly fix: string,
    options?: ErrorOptions,
  ) {
    super(`${file}: ${what}. ${fix}`, options);
  }
}
