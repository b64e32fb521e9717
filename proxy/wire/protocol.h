/* Constants of the frontend/backend protocol 3.0 (PostgreSQL docs, "Message Formats"). */
#ifndef HG_PROTOCOL_H
#define HG_PROTOCOL_H

#include <stdint.h>

#define HG_PROTOCOL_3_0         196608u
#define HG_PROTOCOL_NEWEST      2u /* minor version: 3.2 */
#define HG_PROTOCOL_MAJOR(code) ((code) >> 16)
#define HG_PROTOCOL_MINOR(code) ((code)&0xffffu)
#define HG_CODE_CANCEL          80877102u
#define HG_CODE_SSL             80877103u
#define HG_CODE_GSSENC          80877104u
#define HG_STARTUP_MAX_BYTES    10000u /* as PostgreSQL's MAX_STARTUP_PACKET_LENGTH */
#define HG_FRAME_HEADER         5u     /* type byte + int32 length that counts itself */
#define HG_SECRET_LEAST         4u     /* bytes of a cancel key's secret: 4 in protocol 3.0, … */
#define HG_SECRET_MOST          256u   /* … up to this since 3.2 */

/* Client to server. */
enum hg_client_type {
    HG_C_BIND = 'B',
    HG_C_CLOSE = 'C',
    HG_C_COPY_DATA = 'd',
    HG_C_COPY_DONE = 'c',
    HG_C_COPY_FAIL = 'f',
    HG_C_DESCRIBE = 'D',
    HG_C_EXECUTE = 'E',
    HG_C_FLUSH = 'H',
    HG_C_FUNCTION_CALL = 'F',
    HG_C_PARSE = 'P',
    HG_C_PASSWORD = 'p', /* also SASLInitialResponse, SASLResponse */
    HG_C_QUERY = 'Q',
    HG_C_SYNC = 'S',
    HG_C_TERMINATE = 'X',
};

/* Server to client. */
enum hg_server_type {
    HG_S_AUTHENTICATION = 'R',
    HG_S_BACKEND_KEY = 'K',
    HG_S_BIND_COMPLETE = '2',
    HG_S_CLOSE_COMPLETE = '3',
    HG_S_COMMAND_COMPLETE = 'C',
    HG_S_COPY_BOTH = 'W',
    HG_S_COPY_DATA = 'd',
    HG_S_COPY_DONE = 'c',
    HG_S_COPY_IN = 'G',
    HG_S_COPY_OUT = 'H',
    HG_S_DATA_ROW = 'D',
    HG_S_EMPTY_QUERY = 'I',
    HG_S_ERROR = 'E',
    HG_S_FUNCTION_RESULT = 'V',
    HG_S_NEGOTIATE_VERSION = 'v',
    HG_S_NO_DATA = 'n',
    HG_S_NOTICE = 'N',
    HG_S_NOTIFICATION = 'A',
    HG_S_PARAMETER_DESCRIPTION = 't',
    HG_S_PARAMETER_STATUS = 'S',
    HG_S_PARSE_COMPLETE = '1',
    HG_S_PORTAL_SUSPENDED = 's',
    HG_S_READY = 'Z',
    HG_S_ROW_DESCRIPTION = 'T',
};

/* AuthenticationXxx subtypes. */
enum hg_auth_code {
    HG_AUTH_OK = 0,
    HG_AUTH_CLEARTEXT = 3,
    HG_AUTH_MD5 = 5,
    HG_AUTH_SASL = 10,
    HG_AUTH_SASL_CONTINUE = 11,
    HG_AUTH_SASL_FINAL = 12,
};

#endif
