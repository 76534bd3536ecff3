// A guess at a request's input tokens, for gateways that don't count them. A heuristic and no tokenizer: within some
// 20 % for English prose, further off for code and for other scripts. A gateway that knows better passes its own.

/** UTF-8 bytes to a token: about four letters of English, and about one character of Chinese. */
const BYTES_PER_TOKEN = 4;
/** The role and the separators around a message. */
const TOKENS_PER_MESSAGE = 4;
/** What providers count for a small image; large ones are more. */
const TOKENS_PER_IMAGE = 85;

const UINT32_MAX = 0xffff_ffff;

/** What of a body costs tokens: the text of every message, of any role, and the images. */
export interface TokenCosts {
  readonly textBytes: number;
  readonly messages: number;
  readonly images: number;
}

/** An estimate by the number of bytes; an unsigned 32-bit integer. */
export function estimateTokensByBytes({ textBytes, messages, images }: TokenCosts): number {
  const tokens =
    Math.ceil(textBytes / BYTES_PER_TOKEN) + messages * TOKENS_PER_MESSAGE + images * TOKENS_PER_IMAGE;
  return Math.min(tokens, UINT32_MAX);
}
