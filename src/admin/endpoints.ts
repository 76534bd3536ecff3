// All that the admin API answers to.
import { DAEMON_ENDPOINTS } from './daemon-endpoints.js';
import type { Endpoint } from './endpoint.js';
import { HISTORY_ENDPOINTS } from './history-endpoints.js';
import { ORG_ROUTES_ENDPOINTS } from './org-routes-endpoints.js';
import { ROUTE_ENDPOINTS } from './route-endpoints.js';
import { TAP_ENDPOINTS } from './tap-endpoints.js';
import { TABLE_ENDPOINTS } from './table-endpoints.js';

export const ENDPOINTS: readonly Endpoint[] = [
  ...ORG_ROUTES_ENDPOINTS,
  ...ROUTE_ENDPOINTS,
  ...HISTORY_ENDPOINTS,
  ...TABLE_ENDPOINTS,
  ...TAP_ENDPOINTS,
  ...DAEMON_ENDPOINTS,
];
