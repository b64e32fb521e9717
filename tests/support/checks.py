"""check(held, what), for suites that go on after a check that fails: says where and what, and counts."""
import sys

passed = failed = 0


def check(held, what):
    global passed, failed
    if held:
        passed += 1
    else:
        failed += 1
        caller = sys._getframe(1)
        print(f"{caller.f_code.co_name}:{caller.f_lineno}: failed: {what}")


def end():
    """The last line; the exit status."""
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0
