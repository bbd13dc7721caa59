import { findVersion } from 'model-registry';
import type { Config } from '../../pipeline/config.js';
import type { StageContext } from '../../pipeline/context.js';
import type { Profile } from './profile.js';
import { REPORT, type ValidationReport } from './report.js';

/** The data that the version in Production was trained on. */
export interface ChampionData {
  /** `korean-sentiment 3`. */
  name: string;
  profile: Profile;
}

/**
 * What the run of the version in Production has recorded of its data; undefined where there is no
 * such version, or it was trained elsewhere.
 */
export async function championData(
  { model }: Config,
  { mlflow, run, logger }: Pick<StageContext, 'mlflow' | 'run' | 'logger'>,
): Promise<ChampionData | undefined> {
  const { registered_name } = model;
  const version = await findVersion(mlflow, registered_name, { stage: 'Production' });
  if (!version?.runId || version.runId === run.runId) return undefined;
  const name = `${registered_name} ${version.version}`;
  try {
    const { info } = await mlflow.runs.get({ runId: version.runId });
    const bytes = await mlflow.readArtifact(`${info.artifactUri}/${REPORT}`);
    const { profile } = JSON.parse(Buffer.from(bytes).toString('utf8')) as ValidationReport;
    if (profile) return { name, profile };
  } catch (error) {
    logger.debug(`No data of ${name}: ${(error as Error).message}`);
  }
  logger.info(`${name}, in Production, has no record of its data: nothing to compare with.`);
  return undefined;
}
