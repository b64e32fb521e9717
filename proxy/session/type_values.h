/* Numbers of types inside of binary values: arrays name the type of their elements, rows those of their
 * fields. Where such a type is of the logical schema the backend and the catalog have different numbers for
 * it (types.h). Pure. */
#ifndef HG_TYPE_VALUES_H
#define HG_TYPE_VALUES_H

#include "types.h"

/* Which columns of a result may hold such values: of a type of the schema, or rows. Their indexes, of which
 * `most` are stored; how many there are. Of a RowDescription with the catalog's numbers. */
size_t hg_type_carriers(struct hg_slice row_description, uint16_t *columns, size_t most);

/* In place, in a DataRow: the backend's numbers become the catalog's. */
void hg_types_in_data(const struct hg_type_backend *backend, void *body, size_t len, const uint16_t *columns,
                      size_t count);

/* In place, in what stands behind the names in a Bind: the catalog's numbers become the backend's, in values
 * of parameters whose declared type (4 bytes each) is of the schema, or not declared. */
void hg_types_in_bind(const struct hg_type_backend *backend, void *rest, size_t len,
                      struct hg_slice declared);

#endif
