"""What the Python clients print: a section for every step.

    == name            what the step printed follows; an error as `error SQLSTATE: message`
    == name !0A000     the same, and Headgate refuses this step with that SQLSTATE

A step is a function under the decorator `step`; it runs at once, with a connection of its own when `open_with` named the
function that makes one, and its failure is part of what is compared.
"""
import sys

_open = None


def open_with(function):
    """Every later step gets function()'s connection as its argument; it is closed behind the step."""
    global _open
    _open = function


def header(name, refused=None):
    print('== %s%s' % (name, ' !' + refused if refused else ''), flush=True)


def step(name, refused=None):
    def run(function):
        header(name, refused)
        connection = None
        try:
            if _open:
                connection = _open()
                function(connection)
            else:
                function()
        except Exception as error:  # noqa: BLE001  (whatever it is: it is printed and compared)
            fail(error)
        finally:
            close(connection)
        sys.stdout.flush()
        return function
    return run


def close(connection):
    if connection is not None:
        try:
            connection.close()
        except Exception as error:  # noqa: BLE001
            print('at close:', end=' ')
            fail(error)


def sqlstate(error):
    """What drivers call the SQLSTATE of their exceptions."""
    for name in ('pgcode', 'sqlstate'):
        value = getattr(error, name, None)
        if value:
            return value
    for value in getattr(error, 'args', ()):
        if isinstance(value, dict) and 'C' in value:
            return value['C']
    origin = getattr(error, 'orig', None) or error.__cause__
    return sqlstate(origin) if origin is not None else type(error).__name__


def fail(error):
    print('error %s: %s' % (sqlstate(error), str(error).strip()))


def attempt(function, *arguments, **named):
    """Inside a step: an error is printed and the step goes on."""
    try:
        return function(*arguments, **named)
    except Exception as error:  # noqa: BLE001
        fail(error)
    return None


def rows(values):
    """One row a line; a count behind them."""
    count = 0
    for value in values:
        print(value if isinstance(value, (str, dict)) else tuple(value))
        count += 1
    print('(%d)' % count)
