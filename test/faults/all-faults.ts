// Every fault, in the order of the table.
import { CROWD_FAULTS } from './crowd-faults.js';
import { DATABASE_FAULTS } from './database-faults.js';
import { DISK_FAULTS } from './disk-faults.js';
import { EDIT_FAULTS } from './edit-faults.js';
import type { Fault } from './fault.js';
import { INVENTION_FAULTS } from './invention-faults.js';
import { KILL_FAULTS } from './kill-faults.js';
import { PROCESS_FAULTS } from './process-faults.js';
import { START_FAULTS } from './start-faults.js';

export const ALL_FAULTS: readonly Fault[] = [
  ...DATABASE_FAULTS,
  ...START_FAULTS,
  ...DISK_FAULTS,
  ...EDIT_FAULTS,
  ...PROCESS_FAULTS,
  ...KILL_FAULTS,
  ...CROWD_FAULTS,
  ...INVENTION_FAULTS,
];
