// Which endpoint a method and a path mean. There are about twenty, so they are looked through one by one. A router
// that compiles its routes is out of the question: the daemon runs with --disallow-code-generation-from-strings.
import type { Endpoint } from './endpoint.js';

export type Found =
  | { readonly kind: 'found'; readonly endpoint: Endpoint; readonly parameters: ReadonlyMap<string, string> }
  | { readonly kind: 'method_not_allowed'; readonly allow: string }
  | { readonly kind: 'not_found' };

/** @param path as it came, without its query; parameters are still percent-encoded. */
export function findEndpoint(endpoints: readonly Endpoint[], method: string, path: string): Found {
  // What can be got has a head too.
  const wanted = method === 'HEAD' ? 'GET' : method;
  const segments = path.split('/');
  const allowed: string[] = [];
  for (const endpoint of endpoints) {
    const parameters = match(endpoint.path.split('/'), segments);
    if (parameters === undefined) continue;
    if (endpoint.method === wanted) return { kind: 'found', endpoint, parameters };
    allowed.push(...(endpoint.method === 'GET' ? ['GET', 'HEAD'] : [endpoint.method]));
  }
  if (allowed.length === 0) return { kind: 'not_found' };
  return { kind: 'method_not_allowed', allow: allowed.join(', ') };
}

function match(
  template: readonly string[],
  segments: readonly string[],
): ReadonlyMap<string, string> | undefined {
  if (template.length !== segments.length) return undefined;
  const parameters = new Map<string, string>();
  for (const [index, part] of template.entries()) {
    const segment = segments[index] ?? '';
    if (part.startsWith('{')) parameters.set(part.slice(1, -1), segment);
    else if (part !== segment) return undefined;
  }
  return parameters;
}
