// What a model has kept of one text; only the model that made it can read it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "base/result.h"

namespace dubito::lm {

/// [one thread]
class ModelCache {
public:
    virtual ~ModelCache() = default;
    virtual std::int64_t capacity() const = 0;  ///< positions
    /// Cuts every layer to at most `length` positions.
    virtual void truncate(std::int64_t length) = 0;
    /// A second cache that goes on from here. @error OutOfMemory
    virtual Result<std::unique_ptr<ModelCache>> fork() const = 0;
    virtual std::size_t bytes() const = 0;  ///< held now, shared parts included

protected:
    ModelCache() = default;
    ModelCache(const ModelCache&) = default;
    ModelCache(ModelCache&&) = default;
    ModelCache& operator=(const ModelCache&) = default;
    ModelCache& operator=(ModelCache&&) = default;
};

}  // namespace dubito::lm
