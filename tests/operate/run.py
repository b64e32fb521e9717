#!/usr/bin/python3
"""What operators fear, done to a real Headgate before real servers under load: reloads, dying databases, a network that goes silent,
expiring credentials and certificates, crowds, and hours.

    tests/operate/run.py --headgate build/dev/headgate [--brief] [NAME...]
    tests/operate/run.py --headgate build/release/headgate --soak 600

Every function test_*(world) of the test_*.py files here is one test; NAME picks those whose name contains it. --brief does everything
for shorter. --soak SECONDS is the long run alone. Figures are printed in lines that are set in. Ends with `N passed, N failed`.
"""
import argparse
import importlib
import os
import resource
import signal
import sys
import time
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(os.path.dirname(HERE), 'support'), HERE]
from world import World  # noqa: E402

SECONDS = 600  # for one test


class Overtime(Exception):
    pass


def overtime(*_):
    raise Overtime('more than %d s' % SECONDS)


def describe(error):
    here = [f for f in traceback.extract_tb(error.__traceback__) if os.path.dirname(f.filename) == HERE]
    where = '%s:%d: %s' % (os.path.basename(here[-1].filename), here[-1].lineno, here[-1].line) if here else ''
    return '%s: %s (%s)' % (type(error).__name__, str(error).strip(), where)


def collect(names, brief):
    for file in sorted(os.listdir(HERE)):
        if not (file.startswith('test_') and file.endswith('.py')):
            continue
        module = importlib.import_module(file[:-3])
        for name, function in list(vars(module).items()):
            whole = '%s.%s' % (file[5:-3], name[5:])
            if name.startswith('test_') and callable(function) and (not names or any(n in whole for n in names)):
                if not (brief and getattr(function, 'slow', False)):
                    yield whole, function


def repair(world):
    """After a failed test: nothing is left of it."""
    if world.headgate:
        print(world.headgate.output()[-9000:])
        if world.headgate.alive():
            world.headgate.process.kill()
            world.headgate.process.wait()
        world.headgate = None
    for cluster in (world.aurora, world.steady):
        if not cluster.running():
            cluster.start()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--headgate', required=True)
    parser.add_argument('--brief', action='store_true')
    parser.add_argument('--soak', type=int, metavar='SECONDS', help='the long run alone, for so long')
    parser.add_argument('names', nargs='*')
    arguments = parser.parse_args()
    passed = failed = 0
    signal.signal(signal.SIGALRM, overtime)
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    with World(os.path.abspath(arguments.headgate), arguments.brief) as world:
        world.soak = arguments.soak or (25 if arguments.brief else 60)
        for name, function in collect(['soak.'] if arguments.soak else arguments.names, arguments.brief):
            began = time.time()
            try:
                signal.alarm(SECONDS + (arguments.soak or 0))
                function(world)
                signal.alarm(0)
                world.stop()
                passed += 1
                print('ok   %s (%.1f s)' % (name, time.time() - began), flush=True)
            except Exception as error:  # noqa: BLE001  (whatever it is, the test has failed)
                signal.alarm(0)
                failed += 1
                print('FAIL %s: %s' % (name, describe(error)), flush=True)
                repair(world)
    if world.status != 0:
        failed += 1
        print('FAIL a proxy ended badly, %d times' % world.status)
    print('%d passed, %d failed' % (passed, failed))
    return 1 if failed or not passed else 0


if __name__ == '__main__':
    sys.exit(main())
