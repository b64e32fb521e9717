#!/usr/bin/python3
"""What an administrator sees: metrics, health, logs and the audit, on real servers.

    tests/observe/run.py --headgate build/dev/headgate [NAME...]

NAME picks the tests whose name contains it. Ends with `N passed, N failed`.
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
from seen import World  # noqa: E402

SECONDS = 60  # for one test


def overtime(*_):
    raise TimeoutError('more than %d s' % SECONDS)


def describe(error):
    here = [f for f in traceback.extract_tb(error.__traceback__) if os.path.dirname(f.filename) == HERE]
    where = ' < '.join('%s:%d: %s' % (os.path.basename(f.filename), f.lineno, f.line) for f in here[::-1])
    return '%s: %s (%s)' % (type(error).__name__, str(error).strip(), where)


def collect(names):
    for file in sorted(os.listdir(HERE)):
        if not (file.startswith('test_') and file.endswith('.py')):
            continue
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
                signal.alarm(SECONDS)
                if not world.headgate.alive():
                    world.start()
                function(world)
                signal.alarm(0)
                passed += 1
                print('ok   %s (%.1f s)' % (name, time.time() - began), flush=True)
            except Exception as error:  # noqa: BLE001  (whatever it is, the test has failed)
                signal.alarm(0)
                failed += 1
                print('FAIL %s: %s' % (name, describe(error)), flush=True)
                if world.headgate.process is not None:
                    world.repair()
                world.log_keys, world.audit_keys, world.more = 'format: json', '', ''
                world.write_config()
    if world.status != 0:
        failed += 1
        print('FAIL the proxy ended with status %s' % world.status)
    print('%d passed, %d failed' % (passed, failed))
    return 1 if failed or not passed else 0


if __name__ == '__main__':
    sys.exit(main())
