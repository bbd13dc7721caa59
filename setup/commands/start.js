// @ts-check
import { runAttached } from '../attached.js';
import { install } from '../install.js';
import { serverRuns, startServer } from '../mlflow/server.js';
import { trackingServer } from '../mlflow/tracking.js';
import { runProgram } from '../program.js';

/** `npm start -- …`: sets up, starts MLflow, runs the pipeline. Arguments: --gpu, and those of `ml4 run`. */
await runProgram(async (signal) => {
  const args = process.argv.slice(2).filter((arg) => arg !== '--gpu');
  if (process.argv.includes('--gpu')) process.env.ML4_GPU = '1';
  if (!args.some((arg) => /^--config(=|$)/.test(arg))) {
    args.unshift('--config', 'configs/quickstart.yaml');
  }

  /** @type {{ uri: string, ours: boolean } | undefined} */
  let server;
  await install({
    signal,
    alongside: async ({ parts, steps, signal }) => {
      await parts.typescript;
      const { uri, ours } = await trackingServer(args);
      server = { uri, ours };
      if (!ours || (await serverRuns(uri))) return;
      await parts.mlflow;
      await steps.step(`MLflow, started on ${uri}`, async (done) => {
        await startServer(uri, signal);
        done();
      });
    },
  });

  console.log();
  const env = { ...process.env, ...(server?.ours && { MLFLOW_TRACKING_URI: server.uri }) };
  const code = await runAttached(['tasks/bin/ml4.js', 'run', ...args], { signal, env });
  if (server?.ours) {
    console.log(
      `\nMLflow keeps running: ${server.uri}/#/experiments?workflowType=machine_learning`,
    );
    console.log('To stop it: npm stop');
  }
  return code;
});
