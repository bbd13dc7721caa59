// @ts-check
import './node-version.js';

import('./commands/stop.js');
