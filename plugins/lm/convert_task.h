// A model in another format or type, with the error each tensor takes.
#pragma once

#include "lm/formats/convert.h"
#include "task.h"

namespace dubito::lmtask {

class ConvertTask final : public Task {
public:
    ConvertTask(const sdk::Host& host, std::shared_ptr<lm::GgufFile> file, const sdk::Document& params);
    sdk::Step step() override;

private:
    const sdk::Host& m_host;
    std::shared_ptr<lm::GgufFile> m_file;
    lm::ConvertOptions m_options;
    bool m_toFolder = false;
};

}  // namespace dubito::lmtask
