#!/usr/bin/python3
"""Logging in, in every way, with real clients and with bytes, beside a private PostgreSQL that answers the same.

    tests/login/run.py --headgate BINARY [NAME...]

Every function test_*(world) of the test_*.py files here is one test; NAME picks those whose name contains it. After each
one an ordinary login must still work. Ends with `N passed, N failed`.
"""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(os.path.dirname(HERE), 'support'), HERE]
import suite  # noqa: E402
from world import World  # noqa: E402


def main():
    arguments = suite.arguments_of(__doc__).parse_args()
    with World(arguments.headgate) as world:
        def around(function):
            function(world)
            outcome = world.gate('by_scram')
            assert outcome == (True, 'by_scram|2'), 'afterwards an ordinary login ends with %s' % (outcome,)
        passed, failed = suite.run(suite.collect(HERE, arguments.names), around, HERE)
        status = world.headgate.stop()
    suite.end(passed, failed, status)


if __name__ == '__main__':
    main()
