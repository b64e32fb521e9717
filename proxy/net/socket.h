/* Options that every TCP connection of the proxy gets, and words for errors. For net/ itself. */
#ifndef HG_SOCKET_H
#define HG_SOCKET_H

/* No Nagle delay; keepalive probes that find a dead peer within two minutes. Harmless on Unix sockets. */
void hg_socket_tune(int fd);

/* What an errno means: a constant, safe on every thread. */
const char *hg_errno_text(int error);

#endif
