#!/usr/bin/python3
"""Limits of tenants and users: who exceeds one is told which; whoever else is there does not notice.

    tests/limits/run.py --headgate build/dev/headgate [NAME...]

Every function test_*(world) of the test_*.py files here is one test; NAME picks those whose name contains it. They share one
world (world.py), whose policy each test writes anew and has reloaded. Ends with `N passed, N failed`.
"""
import argparse
import importlib
import os
import signal
import sys
import time
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(os.path.dirname(HERE), 'support'), HERE]
from world import World  # noqa: E402

SECONDS = 90  # for one test


class Overtime(Exception):
    pass


def overtime(*_):
    raise Overtime('more than %d s' % SECONDS)


def describe(error):
    here = [f for f in traceback.extract_tb(error.__traceback__) if os.path.dirname(f.filename) == HERE]
    where = '%s:%d: %s' % (os.path.basename(here[-1].filename), here[-1].lineno, here[-1].line) if here else ''
    return '%s: %s (%s)' % (type(error).__name__, str(error).strip(), where)


def collect(names):
    """(name, function) in the order of the files."""
    for file in sorted(os.listdir(HERE)):
        if file.startswith('test_') and file.endswith('.py'):
            for name, function in list(vars(importlib.import_module(file[:-3])).items()):
                whole = '%s.%s' % (file[5:-3], name[5:])
                if name.startswith('test_') and callable(function) and (not names or any(n in whole for n in names)):
                    yield whole, function


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--headgate', required=True)
    parser.add_argument('names', nargs='*')
    arguments = parser.parse_args()
    passed = failed = 0
    signal.signal(signal.SIGALRM, overtime)
    with World(os.path.abspath(arguments.headgate)) as world:
        for name, function in collect(arguments.names):
            began = time.time()
            try:
                world.configure(**getattr(function, 'config', {}))
                signal.alarm(SECONDS)
                function(world)
                signal.alarm(0)
                world.limit()
                world.check()
                passed += 1
                print('ok   %s (%.1f s)' % (name, time.time() - began), flush=True)
            except Exception as error:  # noqa: BLE001  (whatever it is, the test has failed)
                signal.alarm(0)
                failed += 1
                print('FAIL %s: %s' % (name, describe(error)), flush=True)
                world.repair()
    if world.status != 0:
        failed += 1
        print('FAIL the proxy ended with status %s' % world.status)
    print('%d passed, %d failed' % (passed, failed))
    return 1 if failed or not passed else 0


if __name__ == '__main__':
    sys.exit(main())
