/* What binds the lines of the audit log to each other. Each line is one JSON object whose last members are
 *
 *     …,"prev":"<64 hex>","hash":"<64 hex>"}
 *     …,"prev":"<64 hex>","mac":"<64 hex>"}        with a key
 *
 * `prev` is the hash (or MAC) of the line before, zeros in the very first line; `hash` is the SHA-256 of all
 * that stands before `,"hash"`, `mac` the HMAC-SHA-256 of all before `,"mac"`. Each line begins with its
 * number, `{"seq":n`. A line that was changed, removed or moved breaks the chain at its place. Without a key,
 * whoever can write the file can make a new chain; and the last lines can be cut off: what the log says at
 * the end of the process and at each rotation, or a copy elsewhere, shows that. */
#ifndef HG_CHAIN_H
#define HG_CHAIN_H

#include "bytes.h"

#define HG_CHAIN_HEX 64u

struct hg_chain {
    uint64_t lines; /* the number of the last line */
    char last[HG_CHAIN_HEX + 1];
    bool keyed;
    uint8_t key[32]; /* SHA-256 of the key file's content */
};

void hg_chain_init(struct hg_chain *chain);
/* Reads the key; false, and why. */
HG_MUST_USE bool hg_chain_key(struct hg_chain *chain, const char *path, char why[512]);
void hg_chain_wipe(struct hg_chain *chain);

/* Begins the next line in `out`, to which members are written, `,"name":value`; and ends it, with a newline.
 */
void hg_chain_begin(const struct hg_chain *chain, struct hg_bytes *out);
void hg_chain_end(struct hg_chain *chain, struct hg_bytes *out, size_t begun);

/* Is this line, without its newline, sound by itself? Then its number, and what it says of the one before.
 * NULL, or what is wrong with it. */
struct hg_chain_line {
    uint64_t number;
    char previous[HG_CHAIN_HEX + 1], own[HG_CHAIN_HEX + 1];
};
const char *hg_chain_read(const struct hg_chain *chain, struct hg_slice text, struct hg_chain_line *line);

/* The next line of a file that is being verified: NULL, or what is wrong. `first`: nothing is known of lines
 * before it. Goes on with the line as the last one in any case where it is sound by itself. */
const char *hg_chain_follow(struct hg_chain *chain, struct hg_slice text, bool first);

#endif
