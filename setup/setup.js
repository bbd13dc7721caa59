// @ts-check
import './node-version.js';

import('./commands/setup.js');
