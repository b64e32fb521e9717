SELECT E'a\\\'b', U&'d\0061t', B'101', X'1F', $x$ $$ ( $x$, 'a'
'b', E'c'
'\'d', 1.5e-3, DATE '2020-01-01', INTERVAL '1' DAY