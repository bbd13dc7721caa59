import type { StageName } from '../pipeline/context.js';
import { runStage } from '../pipeline/runner.js';
import type { PipelineOptions } from './options.js';
import { openSession } from './session.js';

/** `ml4 fetch`, `ml4 train`, …: one stage; its result is the last line of stdout, as JSON. */
export async function stageCommand(name: StageName, options: PipelineOptions): Promise<void> {
  const session = await openSession(options);
  const result = await runStage(name, session.config, session.context);
  if (name === 'notify') await session.end();
  process.stdout.write(`${JSON.stringify(result)}\n`);
}
