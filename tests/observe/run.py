#!/usr/bin/python3
"""What an administrator sees: metrics, health, logs and the audit, on real servers.

    tests/observe/run.py --headgate build/dev/headgate [NAME...]

NAME picks the tests whose name contains it. Ends with `N passed, N failed`.
"""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(os.path.dirname(HERE), 'support'), HERE]
import suite  # noqa: E402
from seen import World  # noqa: E402


def main():
    arguments = suite.arguments_of(__doc__).parse_args()
    with World(arguments.headgate) as world:
        def around(function):
            if not world.headgate.alive():
                world.start()
            function(world)

        def repair():
            if world.headgate.process is not None:
                world.repair()
            world.log_keys, world.audit_keys, world.more = 'format: json', '', ''
            world.write_config()
        passed, failed = suite.run(suite.collect(HERE, arguments.names), around, HERE, repair=repair)
    suite.end(passed, failed, world.status)


if __name__ == '__main__':
    main()
