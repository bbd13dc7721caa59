import type { MlflowClient } from 'mlflow-rest-ts';
import { type Comparison, compareModels, findVersion, type Limits } from 'model-registry';

const KEPT = 50;

/** The gate's comparisons. What two versions were judged on does not change: each is made once. */
export class Comparisons {
  readonly #made = new Map<string, Promise<Comparison>>();

  constructor(
    private readonly mlflow: MlflowClient,
    private readonly registeredModel: () => Promise<string>,
    private readonly limits: Limits | undefined,
  ) {}

  /** @param against none: the version in Production */
  async of(version: string, against?: string): Promise<Comparison> {
    const { mlflow, limits } = this;
    const name = await this.registeredModel();
    const champion =
      against ?? (await findVersion(mlflow, name, { stage: 'Production' }))?.version ?? '';
    const key = `${version} ${champion}`;
    const found = this.#made.get(key);
    if (found) return found;
    const made = compareModels(mlflow, {
      name,
      version,
      ...(champion && { against: champion }),
      ...(limits && { limits }),
    });
    this.#made.set(key, made);
    made.catch(() => this.#made.delete(key));
    for (const old of [...this.#made.keys()].slice(0, -KEPT)) this.#made.delete(old);
    return made;
  }
}
