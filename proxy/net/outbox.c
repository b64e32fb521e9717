/* Bytes that wait to be written. What was sent stays in place until all is out: messages are few and small
 * here, so moving the rest to the front would cost more than it gives. TLS needs that too: a write that was
 * not taken has to be repeated with the same bytes. */
#include "conn.h"

#define KEEP_BYTES 4096u /* an idle connection keeps at most this */

enum hg_io hg_outbox_flush(struct hg_outbox *outbox, struct hg_conn *conn)
{
    while (hg_outbox_pending(outbox) > 0) {
        size_t put;
        enum hg_io io =
            hg_conn_write(conn, outbox->bytes.data + outbox->sent, hg_outbox_pending(outbox), &put);

        if (io != HG_IO_OK)
            return io;
        outbox->sent += put;
    }
    outbox->sent = 0;
    if (outbox->bytes.room > KEEP_BYTES)
        hg_bytes_free(&outbox->bytes);
    else
        hg_bytes_clear(&outbox->bytes);
    return HG_IO_OK;
}

void hg_outbox_free(struct hg_outbox *outbox)
{
    hg_bytes_free(&outbox->bytes);
    outbox->sent = 0;
}
