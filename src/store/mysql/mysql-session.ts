// What runs on one connection to a database: constant statements with parameters, prepared.
import type { PoolConnection, RowDataPacket } from 'mysql2/promise';

export type Row = Readonly<Record<string, unknown>>;

/** A parameter: numbers go as text, since a double can't hold every BIGINT. */
export type Parameter = string | Buffer | number | boolean | null;

export interface Session {
  /** Runs one constant statement: as a prepared one, or, without parameters, as text. */
  query(sql: string, parameters?: readonly Parameter[]): Promise<readonly Row[]>;
}

export class ConnectionSession implements Session {
  readonly #connection: PoolConnection;

  constructor(connection: PoolConnection) {
    this.#connection = connection;
  }

  async query(sql: string, parameters?: readonly Parameter[]): Promise<readonly Row[]> {
    // Without parameters it is something that can't be prepared, such as DDL.
    if (parameters === undefined) {
      const [rows] = await this.#connection.query<RowDataPacket[]>(sql);
      return rows;
    }
    const values = parameters.map((value) => (typeof value === 'number' ? String(value) : value));
    const [rows] = await this.#connection.execute<RowDataPacket[]>(sql, values);
    return rows;
  }
}
