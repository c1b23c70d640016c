/* SPDX-License-Identifier: MIT
 * What a plugin may ask of its host. Services are found once, in activate, by get_service(host, id). Each function
 * takes the host first and a dubito_error (may be NULL) last, and returns a status. A shipped id is frozen. */
#ifndef DUBITO_HOST_H
#define DUBITO_HOST_H

#include "plugin.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Kinds of series; numbers are the journal's frame types. */
enum {
    DUBITO_KIND_SCALAR = 0x21,
    DUBITO_KIND_TENSOR = 0x30,
    DUBITO_KIND_TEXT = 0x31,
    DUBITO_KIND_TOKENS = 0x32,
    DUBITO_KIND_EVENT = 0x33,
    DUBITO_KIND_FRAME = 0x34,
    DUBITO_KIND_TABLE = 0x35,
    DUBITO_KIND_FIGURE = 0x36
};
enum { DUBITO_GOAL_NONE = 0, DUBITO_GOAL_MIN = 1, DUBITO_GOAL_MAX = 2 };
/* MAY_DROP: left out when the disk is behind, counted as run/dropped_frames. LIVE_ONLY: refused, use dubito.live/1. */
enum { DUBITO_RECORD_MAY_DROP = 1, DUBITO_RECORD_LIVE_ONLY = 2 };

typedef struct dubito_series_desc {
    uint32_t struct_bytes;
    uint16_t kind, goal;
    dubito_str key, unit, title; /* key: [a-z0-9_@.+-]+(/[a-z0-9_@.+-]+)*, at most 250 bytes */
} dubito_series_desc;

#define DUBITO_PUBLISH_ID "dubito.publish/1"
typedef struct dubito_publish_v1 { /* all [any & active]; appends to the journal, blocks when its queue is full */
    uint32_t struct_bytes, reserved;
    dubito_status (*define)(const dubito_host*, const dubito_series_desc*, uint32_t* out_series, dubito_error*);
    dubito_status (*scalars)(
        const dubito_host*, int64_t step, uint32_t n, const uint32_t* series, const double* values, dubito_error*);
    dubito_status (*record)(const dubito_host*, uint32_t series, int64_t step, dubito_str meta_json, uint32_t n_arrays,
        const dubito_array* const* arrays, uint32_t flags, dubito_error*); /* copies; CPU tensors only */
    dubito_status (*flush)(const dubito_host*, dubito_error*);
} dubito_publish_v1;

#define DUBITO_JSON_ID "dubito.json/1"
enum {
    DUBITO_JSON_NULL,
    DUBITO_JSON_BOOLEAN,
    DUBITO_JSON_INTEGER,
    DUBITO_JSON_NUMBER,
    DUBITO_JSON_TEXT,
    DUBITO_JSON_ARRAY,
    DUBITO_JSON_OBJECT
};
typedef struct dubito_json_v1 { /* [any]; `pointer` as in RFC 6901 ("/optimizer/lr", "" is the whole value) */
    uint32_t struct_bytes, reserved;
    dubito_status (*number)(const dubito_host*, const dubito_doc*, dubito_str pointer, double* out, dubito_error*);
    dubito_status (*integer)(const dubito_host*, const dubito_doc*, dubito_str pointer, int64_t* out, dubito_error*);
    dubito_status (*text)(const dubito_host*, const dubito_doc*, dubito_str pointer, dubito_str* out, dubito_error*);
    dubito_status (*boolean)(const dubito_host*, const dubito_doc*, dubito_str pointer, int32_t* out, dubito_error*);
    dubito_status (*size)(const dubito_host*, const dubito_doc*, dubito_str pointer, uint64_t* out, dubito_error*);
    dubito_status (*kind)(const dubito_host*, const dubito_doc*, dubito_str pointer, int32_t* out, dubito_error*);
    dubito_status (*raw)(const dubito_host*, const dubito_doc*, dubito_str pointer, dubito_str* out,
        dubito_error*); /* until the thread's next raw() */
} dubito_json_v1;

#define DUBITO_LOG_ID "dubito.log/1"
typedef struct dubito_log_v1 { /* [any] */
    uint32_t struct_bytes, reserved;
    dubito_status (*write)(const dubito_host*, int32_t level, dubito_str text, dubito_error*); /* 0 error .. 4 trace */
} dubito_log_v1;

#define DUBITO_PROGRESS_ID "dubito.progress/1"
typedef struct dubito_progress_v1 { /* [any] */
    uint32_t struct_bytes, reserved;
    dubito_status (*set)(const dubito_host*, double done, double total, dubito_str unit, dubito_str phase,
        dubito_error*);                                       /* total 0: unknown */
    dubito_status (*tick)(const dubito_host*, dubito_error*); /* only says "still working" */
} dubito_progress_v1;

#define DUBITO_CANCEL_ID "dubito.cancel/1"
typedef struct dubito_cancel_v1 { /* [any]; lock-free */
    uint32_t struct_bytes, reserved;
    int32_t (*state)(const dubito_host*); /* 0 go, 1 pause, 2 stop, 3 checkpoint and stop */
} dubito_cancel_v1;

#define DUBITO_INTERACTION_ID "dubito.interaction/1"
typedef struct dubito_interaction_v1 { /* [plugin] */
    uint32_t struct_bytes, reserved;
    dubito_status (*pump)(const dubito_host*, dubito_error*); /* delivers waiting commands to interact() now */
    dubito_status (*reply)(const dubito_host*, uint64_t command_seq, dubito_str json, dubito_error*);
} dubito_interaction_v1;

#define DUBITO_RNG_ID "dubito.rng/1"
typedef struct dubito_rng_v1 { /* [plugin]; Philox4x32-10, a stream belongs to one thread */
    uint32_t struct_bytes, reserved;
    /* The same name and index again is the same stream, which goes on where it stands. */
    dubito_status (*open)(const dubito_host*, dubito_str name, uint64_t index, uint32_t* out_stream, dubito_error*);
    dubito_status (*fill_u32)(const dubito_host*, uint32_t stream, uint32_t* out, uint64_t n, dubito_error*);
    dubito_status (*uniform)(const dubito_host*, uint32_t stream, double* out, uint64_t n, dubito_error*);
    dubito_status (*normal)(const dubito_host*, uint32_t stream, double* out, uint64_t n, dubito_error*);
} dubito_rng_v1;

#define DUBITO_ASSET_ID "dubito.asset/1"
typedef struct dubito_asset_v1 { /* [plugin]; inputs that the spec names, checked by SHA-256 before the run */
    uint32_t struct_bytes, reserved;
    dubito_status (*resolve)(const dubito_host*, dubito_str role, dubito_str* out_path, uint64_t* out_bytes,
        uint8_t out_sha256[32], dubito_error*);
} dubito_asset_v1;

#define DUBITO_DEVICE_ID "dubito.device/1"
typedef struct dubito_device_v1 { /* [plugin] */
    uint32_t struct_bytes, reserved;
    /* The device of the run spec: type as in DLPack, its id, and how many threads the spec grants. */
    dubito_status (*lease)(const dubito_host*, int32_t* out_type, int32_t* out_id, int32_t* out_threads, dubito_error*);
} dubito_device_v1;

#define DUBITO_CHECKPOINT_ID "dubito.checkpoint/1"
/* [plugin]; a checkpoint is a folder that appears whole at commit. Its step is the first one still to come: everything
 * published at lower steps is on disk before the commit returns, and when an attempt goes on from the checkpoint, what
 * earlier attempts published at that step and beyond is replaced. A plugin whose curves start at step 1 and that has
 * finished n steps names it n + 1. */
typedef struct dubito_checkpoint_v1 {
    uint32_t struct_bytes, reserved;
    dubito_status (*begin)(
        const dubito_host*, int64_t step, dubito_str* out_folder, dubito_error*); /* write items (files) there */
    dubito_status (*put)(
        const dubito_host*, dubito_str name, dubito_error*); /* a file in that folder is an item of the checkpoint */
    /* Everything published before is on disk first; then hashed, synced, visible. IO: the ones before stay. */
    dubito_status (*commit)(const dubito_host*, dubito_error*);
    dubito_status (*abandon)(const dubito_host*, dubito_error*);
    dubito_status (*latest)(const dubito_host*, int64_t* out_step, dubito_str* out_folder,
        dubito_error*); /* the one this attempt goes on from; NOT_FOUND */
} dubito_checkpoint_v1;

#ifdef __cplusplus
}
#endif
#endif
