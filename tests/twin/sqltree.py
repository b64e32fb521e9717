"""Statements as trees that can be printed and made smaller. Knows no SQL but brackets.

A Node has a sort ('query', 'from', 'int', 'bool' …) and parts: text, Nodes, and pairs (Node, precedence) for operands, which
are put in brackets when they bind less. Special nodes: Option, which may be left out; Series, a list that may lose items; Param,
a literal or `$n`. A Node may stand in several places (an expression of GROUP BY and its repetition): it is one for shrinking too.

shrink() looks for the smallest tree that still has a property, by leaving out, by putting in place of a node one of the same sort
from inside it, or a plain leaf. It need not know what is valid: a statement that no longer is does not have the property.
"""

ATOM = 20
CAST = 15
NAME = 21  # what may be subscripted without brackets


class Node:
    def __init__(self, sort, parts, prec=ATOM):
        self.sort, self.parts, self.prec = sort, parts, prec


class Option(Node):
    """A clause that may be left out; `present` says whether it is there."""

    def __init__(self, *parts):
        Node.__init__(self, None, list(parts))
        self.present = True


class Series(Node):
    """Items between separators, at least `minimum` of them."""

    def __init__(self, items, separator=', ', minimum=1):
        Node.__init__(self, None, list(items))
        self.separator, self.minimum = separator, minimum


class Param(Node):
    """A literal in the simple protocol; in the extended one `$n` with what stands behind it, given as text."""

    def __init__(self, sort, literal, value, suffix, oid=0):
        Node.__init__(self, sort, [literal], CAST)
        self.value, self.suffix, self.oid = value, suffix, oid


class Text:
    """A statement on its way to be text: params is None where literals are wanted, else those met so far."""

    def __init__(self, params):
        self.out, self.params = [], params

    def put(self, part):
        if isinstance(part, str):
            self.out.append(part)
        elif isinstance(part, tuple):
            if part[0].prec < part[1]:
                self.out.append('(')
                self.node(part[0])
                self.out.append(')')
            else:
                self.node(part[0])
        else:
            self.node(part)

    def node(self, node):
        if isinstance(node, Option):
            if not node.present:
                return
        elif isinstance(node, Series):
            for i, part in enumerate(node.parts):
                if i:
                    self.out.append(node.separator)
                self.put(part)
            return
        elif isinstance(node, Param) and self.params is not None:
            if node not in self.params:
                self.params.append(node)
            self.out.append('$%d%s' % (self.params.index(node) + 1, node.suffix))
            return
        for part in node.parts:
            self.put(part)


def render(node, extended=False):
    """(text, values of parameters, their types)"""
    text = Text([] if extended else None)
    text.node(node)
    params = text.params or []
    return ''.join(text.out), [p.value for p in params], [p.oid for p in params]


def inner(part):
    """The Node of a part, or None."""
    return part[0] if isinstance(part, tuple) else part if isinstance(part, Node) else None


def nodes(root):
    """All nodes, each once, parents first."""
    seen, stack = set(), [root]
    while stack:
        node = stack.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        yield node
        if not (isinstance(node, Option) and not node.present):
            stack.extend(child for child in map(inner, reversed(node.parts)) if child is not None)


def nearest(node, sort):
    """The nodes of a sort inside of a node, without those inside of others of them."""
    found, stack = [], [inner(part) for part in node.parts]
    while stack:
        child = stack.pop(0)
        if child is None:
            continue
        if child.sort == sort:
            found.append(child)
        else:
            stack.extend(inner(part) for part in child.parts)
    return found


def edits(root, leaves):
    """Ways to make the tree smaller, the greatest first: pairs (do, undo)."""
    for node in list(nodes(root)):
        if isinstance(node, Option) and node.present:
            yield (lambda n=node: setattr(n, 'present', False)), (lambda n=node: setattr(n, 'present', True))
        if isinstance(node, Series) and len(node.parts) > node.minimum:
            for i in range(len(node.parts)):
                part = node.parts[i]
                yield (lambda n=node, i=i: n.parts.pop(i)), (lambda n=node, i=i, p=part: n.parts.insert(i, p))
        for i, part in enumerate(node.parts):
            child = inner(part)
            if child is None or child.sort is None:
                continue
            for other in nearest(child, child.sort) + leaves(child):
                new = (other, part[1]) if isinstance(part, tuple) else other
                yield (lambda n=node, i=i, p=new: n.parts.__setitem__(i, p)), (lambda n=node, i=i, p=part: n.parts.__setitem__(i, p))


def shrink(root, has_property, leaves, trials):
    """Makes the tree below root (which itself stays) as small as `trials` calls of has_property(root) allow."""
    again = True
    while again:
        again = False
        for do, undo in edits(root, leaves):
            if trials <= 0:
                return
            trials -= 1
            do()
            if has_property(root):
                again = True
                break
            undo()
