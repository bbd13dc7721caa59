/** What was asked of the registry cannot be: no such version, nothing to go back to. */
export class RegistryError extends Error {
  override readonly name = 'RegistryError';
  /** Of a program that ends with it: bad input, as in ml4. */
  readonly exitCode = 2;
}
