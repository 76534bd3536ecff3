// What kind of value a byte of MessagePack begins.
// Format: https://github.com/msgpack/msgpack/blob/master/spec.md
import { MalformedMessage } from './malformed-message.js';

export type MsgpackType = 'nil' | 'bool' | 'int' | 'float' | 'text' | 'bytes' | 'array' | 'map';

/** @throws MalformedMessage if it begins none that is understood. */
export function typeOf(tag: number): MsgpackType {
  if (tag <= 0x7f || tag >= 0xe0) return 'int';
  if (tag <= 0x8f) return 'map';
  if (tag <= 0x9f) return 'array';
  if (tag <= 0xbf) return 'text';
  switch (tag) {
    case 0xc0:
      return 'nil';
    case 0xc2:
    case 0xc3:
      return 'bool';
    case 0xc4:
    case 0xc5:
    case 0xc6:
      return 'bytes';
    case 0xca:
    case 0xcb:
      return 'float';
    case 0xd9:
    case 0xda:
    case 0xdb:
      return 'text';
    case 0xdc:
    case 0xdd:
      return 'array';
    case 0xde:
    case 0xdf:
      return 'map';
    default:
      if (tag >= 0xcc && tag <= 0xd3) return 'int';
      throw new MalformedMessage(
        tag === 0xc1 ? 'the byte 0xc1 is never used in MessagePack' : 'extension types are not understood',
      );
  }
}
