/* The SQL of `headgate catalog`: how PostgreSQL itself compares the database that is there with the one that
 * is wanted. */
#ifndef HG_CATALOG_STEPS_H
#define HG_CATALOG_STEPS_H

/* A query whose rows are things to do, in order: what to say, the statement, and the wanted table that is
 * concerned (or NULL). */
struct catalog_step {
    const char *doing; /* for an error message: "while <doing>" */
    const char *query;
};

extern const char catalog_workbench[]; /* makes the schema _headgate, in which all this happens */

/* Queries whose rows are reasons to refuse the database. */
extern const struct catalog_step catalog_refusals[];
/* Its rows are all tables that are there: their names as SQL. */
extern const char catalog_tables_there[];

extern const struct catalog_step catalog_schema_steps[]; /* before anything wanted is built */
extern const struct catalog_step catalog_type_steps[];   /* after each wanted type */
extern const struct catalog_step
    catalog_create_steps[]; /* after all wanted tables, keys and indexes: makes tables */
extern const struct catalog_step catalog_table_steps[];   /* changes those that were there */
extern const struct catalog_step catalog_foreign_steps[]; /* after all wanted foreign keys */
extern const struct catalog_step catalog_last_steps[];
/* Each list ends with a step without a query. */

#endif
