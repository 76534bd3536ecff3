// Numbers and values as words. Pure.
import type { StoredRoute } from '../../store/route-store.js';
import { printable } from './printable.js';

const UNITS = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
] as const;

/** `3 days 4 hours`: the two largest units that say something. */
export function durationWords(ms: number): string {
  let seconds = Math.max(0, Math.floor(ms / 1000));
  const words: string[] = [];
  for (const [unit, length] of UNITS) {
    const amount = Math.floor(seconds / length);
    seconds -= amount * length;
    if (amount > 0) words.push(count(amount, unit));
    else if (words.length > 0) break;
    if (words.length === 2) break;
  }
  return words.length === 0 ? 'less than a second' : words.join(' ');
}

/** `1 route`, `2 routes`. */
export function count(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? '' : 's'}`;
}

/** A JSON value in a line: text as it is, so long as it can't be taken for something else. */
export function valueText(value: unknown): string {
  if (value === undefined) return '(none)';
  if (typeof value === 'string' && /^[^\s"'[\]{},:()]+$/.test(value)) return printable(value);
  return printable(JSON.stringify(value));
}

/** `model_in=["gpt-4o"] input_tokens_lt=500`. */
export function conditionsText(when: StoredRoute['when']): string {
  return pairs(when) || 'always';
}

export function actionText(then: StoredRoute['then']): string {
  const { target_model: target, ...more } = then;
  return [target === undefined || target === null ? '' : `→ ${printable(target)}`, pairs(more)]
    .filter((part) => part !== '')
    .join(' ');
}

function pairs(map: object): string {
  return Object.entries(map)
    .filter(([, value]) => value !== null && value !== undefined)
    .map(([key, value]) => `${printable(key)}=${valueText(value)}`)
    .join(' ');
}
