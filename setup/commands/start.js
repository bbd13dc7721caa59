// @ts-check
import { runAttached } from '../attached.js';
import { install } from '../install.js';
import { serverRuns, serverUri, startServer } from '../mlflow/server.js';
import { configuredTrackingUri } from '../mlflow/tracking.js';
import { runProgram } from '../program.js';

/** `npm start -- …`: sets up, starts MLflow, runs the pipeline. Arguments: --gpu, and those of `ml4 run`. */
await runProgram(async (signal) => {
  const args = process.argv.slice(2).filter((arg) => arg !== '--gpu');
  if (args.length < process.argv.length - 2) process.env.ML4_GPU = '1';
  if (!args.some((arg) => /^(--config(=.*)?|-c)$/.test(arg))) {
    args.unshift('--config', 'configs/quickstart.yaml');
  }

  let trackingUri = serverUri();
  await install({
    signal,
    alongside: async ({ parts, steps, signal }) => {
      await parts.typescript;
      trackingUri = (await configuredTrackingUri(args)) ?? trackingUri;
      if (trackingUri !== serverUri() || (await serverRuns(trackingUri))) return;
      await parts.mlflow;
      await steps.step(`MLflow, started on ${trackingUri}`, async (done) => {
        await startServer(trackingUri, signal);
        done();
      });
    },
  });

  console.log();
  const code = await runAttached(['tasks/bin/ml4.js', 'run', ...args], {
    signal,
    env: { ...process.env, MLFLOW_TRACKING_URI: trackingUri },
  });
  console.log(`\nMLflow's page   ${trackingUri}/#/experiments?workflowType=machine_learning`);
  if (trackingUri === serverUri()) console.log('It keeps running; to stop it: npm stop');
  return code;
});
