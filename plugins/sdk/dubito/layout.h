/* SPDX-License-Identifier: MIT
 * Sizes of ABI 1.0 on little-endian LP64, the only supported target. A difference is a broken contract, not a warning.
 * */
#ifndef DUBITO_LAYOUT_H
#define DUBITO_LAYOUT_H

#include "host.h"

#ifdef __cplusplus
#define DUBITO_ASSERT_LAYOUT(condition) static_assert(condition, #condition)
#else
#define DUBITO_ASSERT_LAYOUT(condition) _Static_assert(condition, #condition)
#endif

DUBITO_ASSERT_LAYOUT(sizeof(void*) == 8 && sizeof(long) == 8);
DUBITO_ASSERT_LAYOUT(sizeof(dubito_str) == 16);
DUBITO_ASSERT_LAYOUT(sizeof(dubito_error) == 1544);
DUBITO_ASSERT_LAYOUT(sizeof(dubito_tensor) == 56 && offsetof(dubito_tensor, data) == 24);
DUBITO_ASSERT_LAYOUT(sizeof(dubito_array) == 64);
DUBITO_ASSERT_LAYOUT(sizeof(dubito_host) == 40);
DUBITO_ASSERT_LAYOUT(sizeof(dubito_activation) == 64);
DUBITO_ASSERT_LAYOUT(sizeof(dubito_interaction) == 40);
DUBITO_ASSERT_LAYOUT(sizeof(dubito_plugin) == 64);
DUBITO_ASSERT_LAYOUT(sizeof(dubito_descriptor) == 24);
DUBITO_ASSERT_LAYOUT(sizeof(dubito_entry) == 48);
DUBITO_ASSERT_LAYOUT(sizeof(dubito_series_desc) == 56);
DUBITO_ASSERT_LAYOUT(sizeof(dubito_publish_v1) == 40);
DUBITO_ASSERT_LAYOUT(sizeof(dubito_checkpoint_v1) == 48);
DUBITO_ASSERT_LAYOUT(sizeof(dubito_plugin_checkpoint_v1) == 16);

#endif
