// The memory of an index, as each kind of value in it is read.
export interface IndexMemory {
  readonly words: Int32Array;
  readonly doubles: Float64Array;
}
