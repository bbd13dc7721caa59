import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { projectRoot } from './project.js';

/** What made a run, as tags of MLflow: code, libraries, image, user. */
export async function provenanceTags(
  env: Record<string, string | undefined> = process.env,
): Promise<Record<string, string>> {
  const commit = env.ML4_GIT_COMMIT || (await git('rev-parse', 'HEAD'));
  const changes = env.ML4_GIT_COMMIT
    ? ''
    : await git('status', '--porcelain', '--untracked-files=no');
  return present({
    'mlflow.source.name': 'ml4',
    'mlflow.source.type': 'LOCAL',
    'mlflow.source.git.commit': commit,
    'mlflow.user': userName(),
    'ml4.git_dirty': changes ? 'true' : undefined,
    'ml4.image_digest': env.ML4_IMAGE_DIGEST,
    'ml4.node_version': process.versions.node,
    'ml4.tfjs_version': await version('@tensorflow/tfjs-node-gpu'),
    'ml4.tokenizers_version': await version('@huggingface/tokenizers'),
  });
}

/** First line of what git prints; undefined without git or outside a repository. */
async function git(...args: string[]): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)('git', args, { cwd: projectRoot });
    return stdout.trim().split('\n')[0];
  } catch {
    return undefined;
  }
}

async function version(packageName: string): Promise<string | undefined> {
  try {
    const file = join(projectRoot, 'node_modules', packageName, 'package.json');
    return (JSON.parse(await readFile(file, 'utf8')) as { version?: string }).version;
  } catch {
    return undefined;
  }
}

function userName(): string | undefined {
  try {
    return userInfo().username;
  } catch {
    return undefined; // a container may run under a uid without a name
  }
}

function present(tags: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(tags).filter((tag): tag is [string, string] => Boolean(tag[1])),
  );
}
