// How many requests the admin API has answered, by method and class of status. The set of series is fixed: whatever
// comes is counted under one that is there from the start.

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'other'] as const;
const CLASSES = ['2xx', '3xx', '4xx', '5xx'] as const;

export interface RequestCount {
  readonly method: string;
  readonly status: string;
  readonly count: number;
}

export class RequestCounts {
  readonly #counts = new Map<string, { method: string; status: string; count: number }>();

  constructor() {
    for (const method of METHODS) {
      for (const status of CLASSES) this.#counts.set(`${method} ${status}`, { method, status, count: 0 });
    }
  }

  add(method: string, status: number): void {
    const statusClass = `${Math.floor(status / 100)}xx`;
    const counted = this.#counts.get(`${method} ${statusClass}`) ?? this.#counts.get(`other ${statusClass}`);
    if (counted !== undefined) counted.count += 1;
  }

  *[Symbol.iterator](): Iterator<RequestCount> {
    yield* this.#counts.values();
  }
}
