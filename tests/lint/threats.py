"""The table of threats against the tests that are there: complaints for run.py.

Every item must have a row, and every row tests that exist, or be one of the open ones.
"""
import glob
import os
import re

ITEMS = [letter + str(n) for letter, count in zip('ABCDEFGHMN', (9, 4, 7, 7, 6, 7, 4, 6, 14, 9)) for n in range(1, count + 1)]
OPEN = {'G4'}
TABLE = 'tests/threats.md'


def read(root, path):
    with open(os.path.join(root, path), encoding='utf8', errors='replace') as file:
        return file.read()


def marked(root):
    """The items that cases of the twin tests are marked with."""
    found = set()
    for path in glob.glob(os.path.join(root, 'tests/twin/cases/*.sql')):
        for line in re.findall(r'^-- @@? threat (.*)$', read(root, path), re.M):
            found.update(line.split())
    return found


def wrong_test(root, item, test, marks):
    """'' when there is such a test."""
    if test == 'twin':
        return '' if item in marks else 'no case of the twin tests is marked with %s' % item
    file, _, name = test.partition(':')
    path = os.path.join('tests', file)
    if not os.path.isfile(os.path.join(root, path)):
        return 'there is no %s' % path
    if name and not re.search(r'(?<![\w])' + re.escape(name) + r'(?![\w])', read(root, path)):
        return '%s has no %s' % (path, name)
    return ''


def threats(root):
    marks, seen = marked(root), set()
    for number, line in enumerate(read(root, TABLE).split('\n'), 1):
        cells = [cell.strip() for cell in line.strip('|').split('|')] if line.startswith('| ') else []
        if len(cells) != 4 or cells[0] == 'item':
            continue
        item, _, defence, tests = cells
        place = '%s:%d' % (TABLE, number)
        if item not in ITEMS or item in seen:
            yield '%s: %s is no item, or stands twice' % (place, item)
        seen.add(item)
        if ('**open**' in defence) != (item in OPEN):
            yield '%s: %s is %s' % (place, item, 'not one of the open ones' if item not in OPEN else 'said to be open by the lint alone')
        tests = [test.strip() for test in tests.split(';') if test.strip()]
        if not tests and item not in OPEN:
            yield '%s: %s has no test' % (place, item)
        for test in tests:
            wrong = wrong_test(root, item, test, marks)
            if wrong:
                yield '%s: %s: %s' % (place, item, wrong)
    for item in ITEMS:
        if item not in seen:
            yield '%s:1: %s is missing' % (TABLE, item)
    for item in sorted(marks - set(ITEMS)):
        yield 'tests/twin/cases:1: %s is no item' % item
