// One request is in flight on each connection: every decision pays for its own wake-up.
import { throughputCase } from '../../support/throughput-case.js';

export const bench = throughputCase('decisions/s, 16 connections with one request in flight each', 1);
