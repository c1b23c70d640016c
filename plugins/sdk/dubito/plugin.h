/* SPDX-License-Identifier: MIT
 * The contract between Dubito and a plugin: C structs and strings only, so that compilers, standard libraries and
 * LibTorch may differ on the two sides. ABI 1.0.
 *
 * Growth: every growable struct starts with its size; fields are only appended; the sizes of 1.0 are the least of the
 * whole major version; a later field is read only when DUBITO_HAS(ptr, field). Strings passed in live until the call
 * returns. Thread tags: [plugin] the one thread that makes all plugin calls, [any] every thread; "& state" says when it
 * is legal. */
#ifndef DUBITO_PLUGIN_H
#define DUBITO_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define DUBITO_ABI_NUMBER ((1u << 16) | 0u)
#define DUBITO_HAS(ptr, field) (offsetof(__typeof__(*(ptr)), field) + sizeof((ptr)->field) <= (ptr)->struct_bytes)
#define DUBITO_EXPORT __attribute__((visibility("default")))

typedef int32_t dubito_status; /* >= 0 fine, < 0 error */
enum {
    DUBITO_OK = 0,
    DUBITO_DONE = 1, /* step: the run is complete */
    DUBITO_IDLE = 2, /* step: nothing to do until a command arrives */
    DUBITO_INTERNAL = -1,
    DUBITO_INVALID_ARGUMENT = -2,
    DUBITO_INVALID_PARAMETERS = -3,
    DUBITO_NOT_FOUND = -4,
    DUBITO_UNSUPPORTED = -5,
    DUBITO_OUT_OF_MEMORY = -6,
    DUBITO_DEVICE_UNAVAILABLE = -7,
    DUBITO_IO = -8,
    DUBITO_CORRUPT_DATA = -9,
    DUBITO_CANCELLED = -10,
    DUBITO_WRONG_STATE = -11,
    DUBITO_WRONG_THREAD = -12,
    DUBITO_LIMIT = -13,
    DUBITO_SHAPE_MISMATCH = -14,
    DUBITO_TIMEOUT = -15
};

typedef struct dubito_str {
    const char* data; /* UTF-8, not NUL-ended */
    uint64_t bytes;
} dubito_str;

typedef struct dubito_uuid {
    uint8_t bytes[16];
} dubito_uuid;

typedef struct dubito_doc dubito_doc; /* opaque JSON value, read through dubito.json/1 */

typedef struct dubito_error { /* owned by the caller, filled by the callee */
    uint32_t struct_bytes;
    dubito_status code;
    char message[512]; /* NUL-ended; problem first, path last */
    char context[1024];
} dubito_error;

typedef struct dubito_tensor { /* never outlives the call that received it */
    uint32_t struct_bytes;
    uint8_t dtype_code; /* 0 int 1 uint 2 float 4 bfloat 5 complex 6 bool, as in DLPack */
    uint8_t dtype_bits;
    uint16_t dtype_lanes;
    int32_t device_type; /* 1 CPU, 2 CUDA, 3 CUDA host, 13 CUDA managed */
    int32_t device_id;
    int32_t rank;   /* 0..8 */
    uint32_t flags; /* bit 0: read only */
    void* data;
    uint64_t byte_offset;
    const int64_t* shape;
    const int64_t* strides; /* in elements; NULL: row-major and compact */
} dubito_tensor;

typedef struct dubito_array { /* a named column or tensor of a record */
    uint32_t struct_bytes, reserved;
    dubito_str name, unit;
    const dubito_tensor *values, *offsets, *validity; /* text: values u8, offsets int64 (n+1); validity may be NULL */
} dubito_array;

typedef struct dubito_host {
    uint32_t struct_bytes, abi;
    void* ctx;
    const char *name, *version;
    const void* (*get_service)(const struct dubito_host*, const char* id); /* [any]; NULL if absent */
} dubito_host;

typedef struct dubito_activation {
    uint32_t struct_bytes, attempt;
    dubito_uuid run;
    const dubito_doc* params; /* checked against the manifest's schema, defaults filled in */
    dubito_str spec_json;
    int64_t resume_step; /* -1: fresh */
    uint64_t seed;
} dubito_activation;

typedef struct dubito_interaction {
    uint32_t struct_bytes, reserved;
    uint64_t command_seq;
    dubito_str verb;
    const dubito_doc* args;
} dubito_interaction;

typedef struct dubito_plugin {
    uint32_t struct_bytes, reserved;
    void* self;
    dubito_status (*activate)(void* self, const dubito_activation*, dubito_error*);  /* [plugin & created] */
    dubito_status (*step)(void* self, int64_t step, dubito_error*);                  /* [plugin & active] */
    dubito_status (*interact)(void* self, const dubito_interaction*, dubito_error*); /* [plugin & active]; NULL: none */
    void (*deactivate)(void* self);                                                  /* [plugin & active] */
    void (*destroy)(void* self);                                                     /* [plugin & created]; last call */
    const void* (*get_extension)(void* self, const char* id);                        /* [any] */
} dubito_plugin;

/* What get_extension may give; the host counts it as "checkpoint": true of the manifest. */
#define DUBITO_PLUGIN_CHECKPOINT_ID "dubito.plugin.checkpoint/1"
typedef struct dubito_plugin_checkpoint_v1 {
    uint32_t struct_bytes, reserved;
    dubito_status (*save)(void* self, int64_t step,
        dubito_error*); /* [plugin & active]; `step` steps are done: by the checkpoint service */
} dubito_plugin_checkpoint_v1;

typedef struct dubito_descriptor {
    uint32_t struct_bytes, abi;
    const char *id, *version; /* equal to the manifest's */
} dubito_descriptor;

typedef struct dubito_entry {
    uint32_t struct_bytes, abi;
    dubito_status (*init)(dubito_str plugin_dir, dubito_error*); /* may be NULL */
    void (*deinit)(void);                                        /* may be NULL */
    uint32_t (*plugin_count)(void);
    const dubito_descriptor* (*plugin_descriptor)(uint32_t index);
    dubito_status (*create)(const dubito_host*, const char* id, dubito_plugin** out, dubito_error*);
} dubito_entry;

/* The only two exported symbols. */
DUBITO_EXPORT extern const uint32_t dubito_abi_number;
DUBITO_EXPORT extern const dubito_entry dubito_plugin_entry;

#ifdef __cplusplus
}
#endif
#endif
