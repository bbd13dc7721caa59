// @ts-check
import { stopServer } from '../mlflow/server.js';
import { runProgram } from '../program.js';

await runProgram(async () => {
  const stopped = await stopServer();
  console.log(
    stopped ? 'MLflow has stopped.' : 'No MLflow that this folder has started is running.',
  );
  return 0;
});
