-- What a private database has beyond schema.sql: it fills a declared tenant column by itself and holds no other tenant's rows;
-- and the trigger.
ALTER TABLE shop.tickets ALTER tenant_id SET DEFAULT '{tenant}', ADD CONSTRAINT own CHECK (tenant_id = '{tenant}');
ALTER TABLE books.meters ALTER account SET DEFAULT {number}, ADD CONSTRAINT own CHECK (account = {number});
ALTER TABLE books.devices ALTER owner SET DEFAULT '{uuid}', ADD CONSTRAINT own CHECK (owner = '{uuid}');
CREATE FUNCTION shop.note_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO shop.changes (customer_id, what) VALUES (NEW.id, TG_OP || ' ' || NEW.name);
    RETURN NULL;
END $$;
CREATE TRIGGER customers_change AFTER UPDATE OF name, tier ON shop.customers FOR EACH ROW EXECUTE FUNCTION shop.note_change();
