// Sixteen requests are in flight on each of the connections: what is left is the cost of a decision itself.
import { throughputCase } from '../../support/throughput-case.js';

export const bench = throughputCase('decisions/s, 16 connections with 16 requests in flight each', 16);
