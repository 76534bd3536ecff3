// What is thrown where bytes are no MessagePack, or not the message that they should be. Nothing but reading catches it.

/**
 * Thrown at the first byte that can't be right. The message is for the client's developer. It has no stack trace: that
 * takes ten times as long as to read a good message, and whoever sends garbage would decide how often.
 */
export class MalformedMessage extends Error {
  override readonly name = 'MalformedMessage';

  constructor(message: string) {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(message);
    Error.stackTraceLimit = stackTraceLimit;
  }
}
