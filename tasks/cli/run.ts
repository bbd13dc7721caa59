import { runPipeline } from '../pipeline/runner.js';
import type { PipelineOptions } from './options.js';
import { openSession } from './session.js';
import { summarize } from './summary.js';

/** `ml4 run`: the five stages, then a table of what came out; as JSON too where no one looks on. */
export async function runCommand(options: PipelineOptions): Promise<void> {
  const session = await openSession(options);
  await runPipeline(session.config, session.context);
  await session.end();
  const { table, result } = await summarize(session.config, session.context);
  process.stdout.write(`${table}\n`);
  if (!process.stdout.isTTY) process.stdout.write(`${JSON.stringify(result)}\n`);
}
