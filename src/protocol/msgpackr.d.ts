// msgpackr's pure JavaScript entries have type files that name their neighbour in a way that ES modules can't
// resolve. These are the same types, by a way that they can.

declare module 'msgpackr/pack' {
  export { Packr } from 'msgpackr';
}

declare module 'msgpackr/unpack' {
  export { Unpackr } from 'msgpackr';
}
