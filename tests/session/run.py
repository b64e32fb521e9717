#!/usr/bin/python3
"""Sessions on real servers: transactions, settings, prepared statements, pooling, cancel, reload, drain, and servers that die.

    tests/session/run.py --headgate build/dev/headgate [--brief] [NAME...]

Every function test_*(world) of the test_*.py files here is one test; NAME picks those whose name contains it. They share one
world (world.py); tests that need another configuration say so with the decorator `configured`, and get the proxy
restarted with it. --brief leaves out what takes long. Ends with `N passed, N failed`.
"""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(os.path.dirname(HERE), 'support'), HERE]
import suite  # noqa: E402
from world import World  # noqa: E402


def main():
    parser = suite.arguments_of(__doc__)
    parser.add_argument('--brief', action='store_true')
    arguments = parser.parse_args()
    tests = [(name, function) for name, function in suite.collect(HERE, arguments.names)
             if not (arguments.brief and getattr(function, 'slow', False))]
    with World(arguments.headgate, tls=True) as world:
        def around(function):
            world.configure(**getattr(function, 'config', {}))
            function(world)
            world.check()
        passed, failed = suite.run(tests, around, HERE, repair=world.repair)
    suite.end(passed, failed, world.status)


if __name__ == '__main__':
    main()
