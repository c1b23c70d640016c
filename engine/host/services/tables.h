// The one table of each service; its functions find their Services through the host that they are given.
#pragma once

#include <dubito/host.h>

namespace dubito::host {

extern const dubito_publish_v1 kPublishTable;          // publish.cpp
extern const dubito_json_v1 kJsonTable;                // json.cpp
extern const dubito_log_v1 kLogTable;                  // notes.cpp
extern const dubito_progress_v1 kProgressTable;        // notes.cpp
extern const dubito_cancel_v1 kCancelTable;            // notes.cpp
extern const dubito_interaction_v1 kInteractionTable;  // commands.cpp
extern const dubito_rng_v1 kRngTable;                  // rng.cpp
extern const dubito_asset_v1 kAssetTable;              // asset.cpp
extern const dubito_device_v1 kDeviceTable;            // device.cpp
extern const dubito_checkpoint_v1 kCheckpointTable;    // checkpoint.cpp

}  // namespace dubito::host
