-- The operators that a statement may use, by name: one line of allow_operators.def for each name that PostgreSQL 15 has.
-- Run by tests/lint/allow_lists.py after allow_functions.sql, whose function_class it reads.
--
-- An operator is a call of its function, so every operator of a name must be backed by functions of class ANY. The one
-- exception are the operators of aclitem (=, +, -, @>, ~): they need an operand of that type, which no statement may name
-- and only columns of the catalogs have.
SELECT line FROM (
  SELECT CASE WHEN bool_and(f.class = 'ANY' OR 'aclitem'::regtype IN (o.oprleft, o.oprright)
                                            OR 'aclitem[]'::regtype IN (o.oprleft, o.oprright))
              THEN format('HG_OPERATOR("%s")', o.oprname)
              ELSE format('#error "%s is backed by a function that is not allowed"', o.oprname) END
  FROM pg_operator AS o JOIN pg_proc AS p ON p.oid = o.oprcode JOIN function_class AS f ON f.name = p.proname AND f.nspname = 'pg_catalog'
  WHERE o.oprnamespace = 'pg_catalog'::regnamespace
  GROUP BY o.oprname
) AS lines (line) ORDER BY line COLLATE "C";
