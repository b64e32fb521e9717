/* Numbers of types that the logical schema creates, and of its tables: each backend has its own for the same
 * type or table, and clients are to see those of their catalog, for that is where they look them up. Pure;
 * loading.c fills it, for each catalog once. */
#ifndef HG_TYPES_H
#define HG_TYPES_H

#include "arena.h"
#include "origins.h"

#define HG_FIRST_USER_OID 16384u /* of what initdb did not make */

struct hg_type_number {
    struct hg_slice name;
    uint32_t oid;
};

struct hg_type_pair {
    uint32_t there, here; /* on the data backend, in the catalog */
};

struct hg_types {
    struct hg_types *next;
    const void *pool; /* of the catalog's servers */
    bool catalog_known;
    struct hg_arena arena; /* of the catalog's list */
    struct hg_type_number *catalog;
    size_t ncatalog;
    struct hg_catalog_origins catalog_origins;
    struct hg_type_backend {
        bool known;        /* else what stands here is to be asked for again, but serves until then */
        const void *pool;  /* whose types they are: the index may mean another backend after a reload */
        uint64_t asked_ms; /* when they were last asked for */
        struct hg_type_pair *pairs;
        size_t npairs;
        struct hg_origins origins;
    } backends[HG_MAX_BACKENDS];
};

void hg_types_init(struct hg_types *types);
void hg_types_free(struct hg_types *types);
void hg_types_forget(struct hg_types *types); /* all is to be asked for again */

/* Lists of them, one for each catalog. The first that is asked for a catalog's makes them. */
struct hg_types *hg_types_of(struct hg_types **list, const void *pool);
/* Forgets all, and frees those of catalogs that are not among these. */
void hg_types_keep(struct hg_types **list, const void *const *pools, size_t npools);
/* Rows are `<oid> <name>`; others are passed over. */
void hg_types_take_catalog(struct hg_types *types, const struct hg_slice *rows, size_t count);
void hg_types_take_backend(struct hg_types *types, int backend, const void *pool, const struct hg_slice *rows,
                           size_t count);

/* The catalog's number of a backend's type. One that is not known (made after the lists were) becomes text,
 * which is how values of enums read, and *stale is set. */
uint32_t hg_types_here(const struct hg_type_backend *backend, uint32_t oid, bool *stale);
/* The backend's number of a type of the catalog; 0: it is not known. */
uint32_t hg_types_there(const struct hg_type_backend *backend, uint32_t oid);
/* In place: the types and origins of a RowDescription's fields; the types of a ParameterDescription. False
 * when malformed. */
HG_MUST_USE bool hg_types_in_row(const struct hg_type_backend *backend, void *body, size_t len, bool *stale);
HG_MUST_USE bool hg_types_in_parameters(const struct hg_type_backend *backend, void *body, size_t len,
                                        bool *stale);

#endif
