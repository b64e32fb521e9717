-- A role that writes a table of which it sees a mask in one column and nothing of another.
-- @@ user masked_rw
-- @@ threat E2 E6
UPDATE contacts SET full_name = 'x' WHERE contact_no = 1 RETURNING *;
UPDATE contacts SET full_name = full_name || '!' RETURNING contact_no, phone;
UPDATE contacts SET full_name = phone RETURNING full_name;
UPDATE contacts SET full_name = upper(phone) || right(phone, 1) WHERE phone LIKE '%5' RETURNING full_name, phone;
UPDATE contacts SET full_name = 'x' WHERE phone = '+49 30 1001' RETURNING contact_no;
UPDATE contacts SET full_name = 'x' WHERE phone > '***05' RETURNING contact_no;
UPDATE contacts c SET full_name = d.phone FROM contacts d WHERE d.contact_no = c.contact_no + 1 RETURNING c.contact_no, c.full_name;
UPDATE contacts c SET country = 'XX' FROM contacts d WHERE d.phone = c.phone AND d.contact_no <> c.contact_no RETURNING c.contact_no;
UPDATE contacts SET full_name = (SELECT max(phone) FROM contacts) RETURNING full_name;
UPDATE contacts SET (full_name, country) = (SELECT phone, 'YY' FROM contacts d WHERE d.contact_no = contacts.contact_no) RETURNING full_name;
UPDATE contacts SET credit = credit + 1 RETURNING contacts;
UPDATE contacts SET credit = credit + 1 RETURNING contacts.*;
UPDATE contacts SET credit = length(phone) RETURNING credit, length(phone);
DELETE FROM contacts WHERE contact_no = 2 RETURNING *;
DELETE FROM contacts WHERE phone LIKE '***1%' RETURNING contact_no, phone;
DELETE FROM contacts WHERE phone LIKE '+49%' RETURNING contact_no;
DELETE FROM contacts USING campaigns c WHERE c.id % 100 = contact_no RETURNING phone, c.name;
DELETE FROM contacts RETURNING phone, full_name;
INSERT INTO contacts (tenant_id, contact_no, full_name) SELECT tenant_id, contact_no + 100, full_name FROM contacts RETURNING *;
INSERT INTO contacts (tenant_id, contact_no, full_name) SELECT tenant_id, contact_no + 100, phone FROM contacts RETURNING contact_no, full_name, phone;
INSERT INTO contacts (tenant_id, contact_no) VALUES ('acme', 101) RETURNING *;
INSERT INTO contacts (tenant_id, contact_no) VALUES ('acme', 1) ON CONFLICT (tenant_id, contact_no) DO UPDATE SET full_name = contacts.phone RETURNING full_name, phone;
INSERT INTO contacts (tenant_id, contact_no) VALUES ('acme', 1) ON CONFLICT (tenant_id, contact_no) DO UPDATE SET full_name = 'x' WHERE contacts.phone = '***01' RETURNING contact_no;
INSERT INTO contacts (tenant_id, contact_no) VALUES ('acme', 1) ON CONFLICT DO NOTHING RETURNING phone;
WITH d AS (DELETE FROM contacts RETURNING contact_no, phone) SELECT * FROM d ORDER BY 1;
WITH u AS (UPDATE contacts SET country = 'ZZ' RETURNING *) SELECT max(phone), count(*) FROM u;
COPY contacts TO STDOUT;
COPY contacts (phone) TO STDOUT;
COPY (UPDATE contacts SET country = 'ZZ' RETURNING phone) TO STDOUT;
-- @ data acme<TAB>101<TAB>n
COPY contacts (tenant_id, contact_no, full_name) FROM STDIN;
UPDATE campaigns SET name = 'x' RETURNING id;
PREPARE p (text) AS UPDATE contacts SET country = 'QQ' WHERE phone = $1 RETURNING contact_no\;
EXECUTE p ('***03')\;
EXECUTE p ('+49 30 1003')\;
DEALLOCATE p;
SELECT contact_no, phone FROM contacts ORDER BY contact_no FOR UPDATE;
SELECT contact_no FROM contacts WHERE phone LIKE '+49%' FOR UPDATE;
BEGIN\;
DECLARE c CURSOR FOR SELECT phone FROM contacts ORDER BY contact_no\;
FETCH 3 c\;
COMMIT;
-- @ refused 42501
UPDATE contacts SET phone = 'x' WHERE contact_no = 1;
-- @ refused 42501
UPDATE contacts SET (full_name, phone) = ('a', 'b');
-- @ refused 42501
INSERT INTO contacts (tenant_id, contact_no, phone) VALUES ('acme', 101, 'x');
-- @ refused 42501
INSERT INTO contacts (tenant_id, contact_no) VALUES ('acme', 1) ON CONFLICT (tenant_id, contact_no) DO UPDATE SET phone = 'x';
-- @ refused 42501
-- @ data acme<TAB>101<TAB>x
COPY contacts (tenant_id, contact_no, phone) FROM STDIN;
-- @ error 42703
UPDATE contacts SET email = 'x';
-- @ error 42703
UPDATE contacts SET full_name = email;
-- @ error 42703
UPDATE contacts SET full_name = 'x' WHERE email LIKE 'u1@%';
-- @ error 42703
UPDATE contacts SET full_name = 'x' RETURNING email;
-- @ error 42703
DELETE FROM contacts WHERE email IS NOT NULL;
-- @ error 42703
DELETE FROM contacts RETURNING contacts.email;
-- @ error 42703
INSERT INTO contacts (tenant_id, contact_no, email) VALUES ('acme', 101, 'x');
-- @ error 42703
INSERT INTO contacts (tenant_id, contact_no) VALUES ('acme', 101) RETURNING email;
-- @ error 42703
COPY contacts (contact_no, email) FROM STDIN;
-- @ error 42703
SELECT (c).email FROM contacts c FOR UPDATE;
-- @ error 42P01
UPDATE shop.customers SET name = 'x';
-- @ error 42P01
DELETE FROM crm.contacts;
