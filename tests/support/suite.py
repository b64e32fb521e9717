"""Suites of tests against one world: each function test_*(world) of the test_*.py files of a folder is one test.

A suite's run.py makes the world and says what is done around each test; what is the same for all is here.
"""
import argparse
import importlib
import os
import signal
import sys
import time
import traceback


class Overtime(Exception):
    """A test has taken longer than it may."""


def arguments_of(doc):
    """A parser of what every suite takes: --headgate BINARY, and words that the names of tests contain."""
    parser = argparse.ArgumentParser(description=doc.split('\n')[0])
    parser.add_argument('--headgate', required=True, type=os.path.abspath)
    parser.add_argument('names', nargs='*', help='parts of names of tests')
    return parser


def collect(folder, names=()):
    """(name, function) of the tests in `folder`, which sys.path holds, in the order of the files."""
    for file in sorted(os.listdir(folder)):
        if not (file.startswith('test_') and file.endswith('.py')):
            continue
        for name, function in list(vars(importlib.import_module(file[:-3])).items()):
            whole = '%s.%s' % (file[5:-3], name[5:])
            if name.startswith('test_') and callable(function) and (not names or any(part in whole for part in names)):
                yield whole, function


def same_time(one, other):
    """Both give seconds, and those are alike. By the quickest of many: that is what it costs, the rest is what else the machine does.
    Tried again, for a machine may do other things all the time; what is really slower is slower each time."""
    for _ in range(5):
        times = [(one(), other()) for _ in range(25)]
        a, b = (min(column) for column in zip(*times))
        if abs(a - b) < 0.002 + 0.3 * min(a, b):
            return
    raise AssertionError('%.2f ms, %.2f ms' % (a * 1000, b * 1000))


def describe(error, folder):
    """One line: what went wrong, and where in the tests, the innermost place first."""
    here = [f for f in traceback.extract_tb(error.__traceback__) if os.path.dirname(f.filename) == folder and f.name != 'around']
    where = ' < '.join('%s:%d: %s' % (os.path.basename(f.filename), f.lineno, f.line) for f in reversed(here))
    return '%s: %s (%s)' % (type(error).__name__, str(error).strip(), where)


def run(tests, around, folder, seconds=300, repair=lambda: None):
    """Runs tests as collect() gives them, each by around(function), which may do more before and after it and has `seconds`
    for all of it, which is for what hangs and not for what is slow; after one that failed, repair(). Returns how many passed and failed."""
    def overtime(*_):
        raise Overtime('more than %d s' % seconds)

    passed = failed = 0
    signal.signal(signal.SIGALRM, overtime)
    for name, function in tests:
        began = time.monotonic()
        why = None
        try:
            signal.alarm(seconds)
            around(function)
        except Exception as error:  # noqa: BLE001  (whatever it is, the test has failed)
            why = describe(error, folder)
        finally:
            signal.alarm(0)
        if why is None:
            passed += 1
            print('ok   %s (%.1f s)' % (name, time.monotonic() - began), flush=True)
        else:
            failed += 1
            print('FAIL %s: %s' % (name, why), flush=True)
            repair()
    return passed, failed


def end(passed, failed, status=0):
    """Prints the last line, and ends the program. `status`: what the proxy ended with, which is a failure if not 0."""
    if status != 0:
        failed += 1
        print('FAIL the proxy ended with status %s' % status)
    print('%d passed, %d failed' % (passed, failed))
    sys.exit(1 if failed or not passed else 0)
