\restrict x
SET search_path = other, pg_catalog;
SELECT pg_catalog.set_config('search_path', '', false);
CREATE TABLE a (id int);
CREATE TABLE b () INHERITS (a);
ALTER TABLE ONLY a ADD CONSTRAINT p PRIMARY KEY (id), ALTER COLUMN id SET DEFAULT nextval('s'::regclass);
ALTER TABLE a ATTACH PARTITION b FOR VALUES IN (1);
COMMENT ON COLUMN other.a.id IS 'x';
DROP TABLE IF EXISTS z;
\unrestrict x
