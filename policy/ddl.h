/* Names and texts inside DDL that Headgate writes itself: always quoted, so that no list of reserved words is
 * needed. */
#ifndef HG_DDL_H
#define HG_DDL_H

#include "bytes.h"

void hg_ddl_name(struct hg_bytes *out, struct hg_slice name); /* "name" */
void hg_ddl_qualified(struct hg_bytes *out, struct hg_slice schema,
                      struct hg_slice name); /* "schema"."name" */
void hg_ddl_literal(struct hg_bytes *out,
                    struct hg_slice text); /* 'text', for standard_conforming_strings = on */

#endif
