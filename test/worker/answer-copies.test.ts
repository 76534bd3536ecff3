// Copies of answers: the bytes of the right one or nothing, however many there are.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { AnswerCopies } from '../../src/worker/answer-copies.js';

/** More than there is place for. */
const MANY = 200_000;

function frameOf(number: number): Buffer {
  return Buffer.from(`answer ${number}`);
}

describe('copies of answers', () => {
  it('are found by the number of the answer, which no other has', () => {
    const copies = new AnswerCopies();
    const first = copies.numbersAt(copies.placesFor(3), 3);
    const second = copies.numbersAt(copies.placesFor(2), 2);
    assert.equal(copies.get(first), undefined);
    copies.put(first + 2, Buffer.from('a'));
    copies.put(second, Buffer.from('b'));
    assert.deepEqual(copies.get(first + 2), Buffer.from('a'));
    assert.deepEqual(copies.get(second), Buffer.from('b'));
    assert.equal(copies.get(second + 1), undefined);
  });

  it('of tables that come one after the other are at the same places, and told apart', () => {
    const copies = new AnswerCopies();
    const place = copies.placesFor(2);
    const other = copies.numbersAt(copies.placesFor(1), 1);
    copies.put(other, Buffer.from('of another'));
    const before = copies.numbersAt(place, 2);
    copies.put(before, Buffer.from('before'));
    copies.put(before + 1, Buffer.from('before too'));
    const after = copies.numbersAt(place, 1);
    assert.equal(copies.get(after), undefined);
    copies.put(after, Buffer.from('after'));
    assert.deepEqual(copies.get(after), Buffer.from('after'));
    // Whoever still has the one before never gets what is now there.
    assert.equal(copies.get(before), undefined);
    assert.deepEqual(copies.get(before + 1), Buffer.from('before too'));
    assert.deepEqual(copies.get(other), Buffer.from('of another'));
  });

  it('never have the number of another, however the places are cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ answers: fc.integer({ min: 1, max: 150_000 }), again: fc.boolean() })),
        (tables) => {
          const copies = new AnswerCopies();
          const given: { first: number; end: number }[] = [];
          let place = copies.placesFor(1);
          for (const { answers, again } of tables) {
            if (!again) place = copies.placesFor(answers);
            const first = copies.numbersAt(place, answers);
            for (const one of given) assert.ok(first >= one.end || first + answers <= one.first);
            given.push({ first, end: first + answers });
          }
        },
      ),
    );
  });

  it('outlive what was copied', () => {
    const copies = new AnswerCopies();
    const frame = Buffer.from('a');
    copies.put(7, frame);
    frame.fill(0);
    assert.deepEqual(copies.get(7), Buffer.from('a'));
  });

  it('give way to newer ones, and never to the wrong ones', () => {
    const copies = new AnswerCopies();
    for (let number = 0; number < MANY; number += 1) copies.put(number, frameOf(number));
    let kept = 0;
    for (let number = 0; number < MANY; number += 1) {
      const copy = copies.get(number);
      if (copy === undefined) continue;
      kept += 1;
      assert.deepEqual(copy, frameOf(number));
    }
    assert.ok(kept > 1000 && kept < MANY, `${kept}`);
    assert.deepEqual(copies.get(MANY - 1), frameOf(MANY - 1));
  });

  it('are found by numbers of more than 32 bits', () => {
    const copies = new AnswerCopies();
    copies.put(2 ** 40 + 5, Buffer.from('a'));
    assert.deepEqual(copies.get(2 ** 40 + 5), Buffer.from('a'));
    assert.equal(copies.get(2 ** 32 + 5), undefined);
    assert.equal(copies.get(5), undefined);
  });

  it('take the room of those whose place they take, and of no others', () => {
    const copies = new AnswerCopies();
    const frames = new Map<number, Buffer>();
    for (let at = 0; at < MANY; at += 1) {
      // The places of every 64th are taken again and again, by frames of other lengths.
      const number = at % 64 === 0 ? at : at % 640;
      const frame = Buffer.alloc(1 + ((at * 7919) % 300), at);
      copies.put(number, frame);
      frames.set(number, frame);
    }
    let kept = 0;
    for (const [number, frame] of frames) {
      const copy = copies.get(number);
      if (copy === undefined) continue;
      kept += 1;
      assert.deepEqual(copy, frame);
    }
    assert.ok(kept > 1000, `${kept}`);
  });

  it('have a bound together, beyond which none of them is left', () => {
    const copies = new AnswerCopies();
    const frame = Buffer.alloc(60_000, 1);
    for (let number = 0; number < 1000; number += 1) copies.put(number, frame);
    const kept = Array.from({ length: 1000 }, (_, number) => copies.get(number)).filter(Boolean);
    assert.ok(kept.length > 0 && kept.length < 600, `${kept.length}`);
    for (const copy of kept) assert.deepEqual(copy, frame);
  });

  it('are not made of frames that are too long', () => {
    const copies = new AnswerCopies();
    copies.put(1, Buffer.alloc(100_000, 1));
    assert.equal(copies.get(1), undefined);
  });
});
