#!/usr/bin/python3
"""The console on a real Headgate with real databases behind it, by bytes and by drivers.

    tests/console/run.py --headgate build/dev/headgate [NAME...]

Every function test_*(world) of the test_*.py files here is one test; NAME picks those whose name contains it. They share one
world (world.py), which is made as new before each. Ends with `N passed, N failed`.
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
            world.reset()
            function(world)
            assert world.headgate.alive() or getattr(function, 'ends', False), 'the proxy ended: ' + world.headgate.output()[-2000:]
        passed, failed = suite.run(suite.collect(HERE, arguments.names), around, HERE, repair=world.kill)
    suite.end(passed, failed, world.status)


if __name__ == '__main__':
    main()
