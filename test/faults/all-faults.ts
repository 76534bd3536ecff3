// Every fault, in the order of the table.
import { DATABASE_FAULTS } from './database-faults.js';
import { DISK_FAULTS } from './disk-faults.js';
import { EDIT_FAULTS } from './edit-faults.js';
import type { Fault } from './fault.js';
import { PROCESS_FAULTS } from './process-faults.js';
import { START_FAULTS } from './start-faults.js';

export const ALL_FAULTS: readonly Fault[] = [
  ...DATABASE_FAULTS,
  ...START_FAULTS,
  ...DISK_FAULTS,
  ...EDIT_FAULTS,
  ...PROCESS_FAULTS,
];
