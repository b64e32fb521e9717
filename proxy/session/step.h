/* The outcome of a step of some work. A step that waits is called again with nothing but what the session
 * remembers. */
#ifndef HG_STEP_H
#define HG_STEP_H

enum hg_step {
    HG_STEP_DONE,
    HG_STEP_WAIT,
    HG_STEP_FAILED, /* session->fault says why; it is not set when the client has been told */
};

#endif
