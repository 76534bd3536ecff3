// Everything that can be fuzzed.
import { admin } from './admin.js';
import { frames } from './frames.js';
import { routes } from './routes.js';
import { rows } from './rows.js';
import { snapshot } from './snapshot.js';
import { socket } from './socket.js';
import type { Target } from './target.js';

export const TARGETS: readonly Target[] = [frames, socket, routes, rows, admin, snapshot];
