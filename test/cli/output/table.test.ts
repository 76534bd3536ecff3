// Tables for a terminal: columns, and what is cut short.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { formatTable, shorten, widthOf } from '../../../src/cli/output/table.js';

describe('a table', () => {
  test('is aligned, numbers to the right, and nothing trails', () => {
    const columns = [{ title: 'N', align: 'right' }, { title: 'NAME' }, { title: 'ID' }] as const;
    const rows = [
      ['1', 'a', 'x'],
      ['100', 'longer', ''],
    ];
    assert.equal(formatTable(columns, rows), '  N  NAME    ID\n  1  a       x\n100  longer');
  });

  test('is as wide as a terminal shows it', () => {
    assert.equal(widthOf('高い'), 4);
    assert.equal(widthOf('é'), 1);
    assert.equal(widthOf('e\u0301'), 1);
    assert.equal(widthOf('🙂'), 2);
    const table = formatTable([{ title: 'A' }, { title: 'B' }], [['高', 'x']]);
    assert.equal(table, 'A   B\n高  x');
  });

  test('shortens a cell to its width, ellipsis included', () => {
    assert.equal(shorten('abcdef', 6), 'abcdef');
    assert.equal(shorten('abcdefg', 6), 'abcde…');
    assert.equal(shorten('高高高', 5), '高高…');
    assert.equal(formatTable([{ title: 'A', maxWidth: 3 }], [['12345']]), 'A\n12…');
  });

  test('obeys nothing that a cell says to the terminal', () => {
    assert.equal(
      formatTable([{ title: 'A' }], [['x\u001b[2J\r\n\u202e']]),
      'A\nx\ufffd[2J\ufffd\ufffd\ufffd',
    );
  });
});
