/* a /* b */ ; */ SELECT ';', ";", $$;$$, $a$;$b$;$a$, E'\';', U&'\0041'; -- ;
CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END;
COPY t FROM stdin;
1	;
\.
SELECT 'open