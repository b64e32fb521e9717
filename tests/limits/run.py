#!/usr/bin/python3
"""Limits of tenants and users: who exceeds one is told which; whoever else is there does not notice.

    tests/limits/run.py --headgate build/dev/headgate [NAME...]

Every function test_*(world) of the test_*.py files here is one test; NAME picks those whose name contains it. They share one
world (world.py), whose policy each test writes anew and has reloaded. Ends with `N passed, N failed`.
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
            world.configure(**getattr(function, 'config', {}))
            function(world)
            world.limit()
            world.check()
        passed, failed = suite.run(suite.collect(HERE, arguments.names), around, HERE, repair=world.repair)
    suite.end(passed, failed, world.status)


if __name__ == '__main__':
    main()
