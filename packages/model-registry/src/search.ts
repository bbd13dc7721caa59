import { isNotFound, type MlflowClient, type ModelVersion } from 'mlflow-rest-ts';

/** The versions of a model as MLflow has them; none where there is no such model. */
export function versionsOf(mlflow: MlflowClient, name: string): AsyncIterable<ModelVersion> {
  const quote = name.includes("'") ? '"' : "'"; // the filter language has no escapes
  return mlflow.modelVersions.searchAll({ filter: `name = ${quote}${name}${quote}` });
}

/** A model's aliases, each with its version, and its tags; a search of versions leaves them out. */
export async function modelOf(
  mlflow: MlflowClient,
  name: string,
): Promise<{ aliases: Record<string, string>; tags: Record<string, string> }> {
  try {
    return await mlflow.registeredModels.get({ name });
  } catch (error) {
    if (isNotFound(error)) return { aliases: {}, tags: {} };
    throw error;
  }
}
