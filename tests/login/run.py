#!/usr/bin/python3
"""Logging in, in every way, with real clients and with bytes, beside a private PostgreSQL that answers the same.

    tests/login/run.py --headgate BINARY [NAME...]

Every function test_*(world) of the test_*.py files here is one test; NAME picks those whose name contains it. After each
one an ordinary login must still work. Ends with `N passed, N failed`.
"""
import argparse
import importlib
import os
import signal
import sys
import time
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from world import World  # noqa: E402

SECONDS = 120  # for one test


class Overtime(Exception):
    pass


def overtime(*_):
    raise Overtime('more than %d s' % SECONDS)


def describe(error):
    here = [f for f in traceback.extract_tb(error.__traceback__) if os.path.dirname(f.filename) == HERE]
    where = '%s:%d: %s' % (os.path.basename(here[-1].filename), here[-1].lineno, here[-1].line) if here else ''
    return '%s: %s (%s)' % (type(error).__name__, error, where)


def run(test, world):
    """None, or why it failed."""
    signal.alarm(SECONDS)
    try:
        test(world)
        outcome = world.gate('by_scram')
        return None if outcome == (True, 'by_scram|2') else 'afterwards an ordinary login ends with %s' % (outcome,)
    except Exception as error:  # a test may fail in any way
        return describe(error)
    finally:
        signal.alarm(0)


def tests():
    for name in sorted(os.listdir(HERE)):
        if name.startswith('test_') and name.endswith('.py'):
            for attribute, value in list(vars(importlib.import_module(name[:-3])).items()):
                if attribute.startswith('test_') and callable(value):
                    yield '%s.%s' % (name[5:-3], attribute[5:]), value


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--headgate', required=True)
    parser.add_argument('names', nargs='*')
    arguments = parser.parse_args()
    passed = failed = 0
    signal.signal(signal.SIGALRM, overtime)
    with World(arguments.headgate) as world:
        for name, test in tests():
            if arguments.names and not any(part in name for part in arguments.names):
                continue
            began = time.monotonic()
            why = run(test, world)
            passed, failed = passed + (not why), failed + bool(why)
            print('FAIL %s: %s' % (name, why) if why else 'ok   %s (%.1f s)' % (name, time.monotonic() - began), flush=True)
        status = world.headgate.stop()
        if status != 0:
            failed += 1
            print('FAIL headgate ended with status %s' % status)
    print('%d passed, %d failed' % (passed, failed))
    return failed != 0 or passed == 0


if __name__ == '__main__':
    sys.exit(main())
