-- The role with a hidden column and a mask, against a private database that was made that way.
-- @ user acme_masked
SELECT * FROM contacts ORDER BY contact_no;
-- @ user acme_masked
SELECT phone FROM contacts ORDER BY phone;
-- @ user acme_masked
SELECT contact_no FROM contacts WHERE phone LIKE '%12' ORDER BY 1;
-- a mask cannot be undone by asking for the value behind it
-- @ user acme_masked
SELECT count(*) FROM contacts WHERE phone = '+49 30 1001';
-- @ user acme_masked
SELECT phone, count(*) FROM contacts GROUP BY phone ORDER BY phone;
-- @ user acme_masked
SELECT a.contact_no, b.contact_no FROM contacts a JOIN contacts b USING (phone) ORDER BY 1, 2;
-- @ user acme_masked
SELECT c FROM contacts c ORDER BY contact_no;
-- @ user acme_masked
SELECT row_to_json(c) FROM contacts c ORDER BY contact_no;
-- @ user acme_masked
-- @ error 42703
SELECT email FROM contacts;
-- @ user acme_masked
-- @ error 42703
SELECT c.email FROM contacts c;
-- @ user acme_masked
-- @ error 42703
SELECT contact_no FROM contacts ORDER BY email;
-- @ user acme_masked
-- @ error 42703
SELECT (c).email FROM contacts c;
-- @ user acme_masked
SELECT c.tenant_id, max(phone) OVER (ORDER BY contact_no) FROM contacts c ORDER BY contact_no;
-- @ user acme_masked
WITH contacts AS (SELECT phone FROM contacts) SELECT max(phone) FROM contacts;
