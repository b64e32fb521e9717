#!/usr/bin/python3
"""Golden traces of the protocol: PostgreSQL answers as the files say, and so does Headgate.

    tests/wire/traces/run.py --headgate build/dev/headgate [--bless] [--sequences N] [--seed S] [NAME...]

NAME picks the traces whose file and name contain it. --bless writes what PostgreSQL answers into the files, and, in steps that are known to differ
(`!`), what Headgate does; other differences are still failures. Afterwards N random sequences of the traces' messages (recombine.py) are sent to both
sides. Ends with `N passed, M failed`.
"""
import argparse
import difflib
import glob
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(os.path.dirname(os.path.dirname(HERE)), 'support')]
from play import Player  # noqa: E402
from recombine import Recombiner  # noqa: E402
from trace import Names, fold, load, save  # noqa: E402
from world import World  # noqa: E402

SIDES = ('postgres', 'headgate')


def differences(expected, got):
    return ['    ' + line for line in difflib.unified_diff(expected, got, 'the file', 'what came', lineterm='', n=2)]


def bless(players, trace):
    """Writes the answers into the trace."""
    for step, lines in zip(trace.steps, players['postgres'].in_steps(trace, explore=True)):
        step.answers = fold(lines)
    if any(step.reason for step in trace.steps):
        for step, lines in zip(trace.steps, players['headgate'].in_steps(trace, explore=True)):
            if step.reason:
                step.ours = fold(lines)


def check(world, players, trace):
    """What is wrong, as lines."""
    wrong = []
    for side in SIDES:
        said = None
        for way, expected, got in players[side].ways(trace):
            if got != expected:
                wrong += ['  %s, %s:' % (side, way)] + (['    likewise'] if got == said else differences(expected, got))
                said = got
            world.reset()
    if any(step.reason and step.ours == step.answers for step in trace.steps):
        wrong.append('  a step is said to differ, and does not')
    return wrong


def run(world, files, names, blessing):
    players = {side: Player(world, side, Names(world.connect(side))) for side in SIDES}
    passed = failed = 0
    for path in files:
        head, traces = load(path)
        for trace in traces:
            full = '%s: %s' % (trace.file, trace.name)
            if names and not any(name in full for name in names):
                continue
            if blessing:
                bless(players, trace)
                world.reset()
            wrong = check(world, players, trace)
            passed, failed = passed + (not wrong), failed + bool(wrong)
            print('\n'.join(['%s %s' % ('FAIL' if wrong else 'ok  ', full)] + wrong), flush=True)
        if blessing:
            save(path, head, traces)
    return passed, failed


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--headgate', default='build/dev/headgate')
    parser.add_argument('--bless', action='store_true')
    parser.add_argument('--sequences', type=int, default=400)
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('names', nargs='*')
    given = parser.parse_args()
    files = sorted(glob.glob(os.path.join(HERE, '*.trace')))
    with World(given.headgate) as world:
        passed, failed = run(world, files, given.names, given.bless)
        if not given.names and not given.bless:
            different = Recombiner(world, files).run(given.sequences, given.seed)
            passed, failed = passed + given.sequences - different, failed + different
    if world.status:
        failed += 1
    print('%d passed, %d failed' % (passed, failed))
    return failed != 0 or passed == 0


if __name__ == '__main__':
    sys.exit(main())
