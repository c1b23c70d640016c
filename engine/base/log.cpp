// spdlog behind two functions; the only file that includes it.
#include "base/log.h"

#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "base/files.h"
#include "base/text.h"

namespace dubito {
namespace {

spdlog::level::level_enum spdLevel(LogLevel level) {
    constexpr spdlog::level::level_enum kLevels[] = {
        spdlog::level::err, spdlog::level::warn, spdlog::level::info, spdlog::level::debug, spdlog::level::trace};
    return kLevels[static_cast<int>(level)];
}

std::shared_ptr<spdlog::logger>& logger() {
    static auto instance = [] {
        auto made = std::make_shared<spdlog::logger>("dubito", std::make_shared<spdlog::sinks::stderr_sink_mt>());
        made->set_pattern("%l: %v");
        made->set_level(spdlog::level::warn);
        return made;
    }();
    return instance;
}

}  // namespace

std::string_view levelName(LogLevel level) {
    constexpr std::string_view kNames[] = {"error", "warn", "info", "debug", "trace"};
    const int index = static_cast<int>(level);
    return index >= 0 && index < 5 ? kNames[index] : "?";
}

void logLine(LogLevel level, std::string_view text) { logger()->log(spdLevel(level), "{}", printable(text, true)); }

void startLog(std::string_view program, LogLevel shown) {
    const auto folder = stateHome();
    std::vector<spdlog::sink_ptr> sinks;
    auto screen = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    screen->set_level(spdLevel(shown));
    screen->set_pattern("%l: %v");
    sinks.push_back(screen);
    if (makeFolders(folder)) {
        try {  // the sink's constructor is the only reporting way spdlog has
            auto file = std::make_shared<spdlog::sinks::basic_file_sink_mt>(
                (folder / (std::string(program) + ".log")).string());
            file->set_pattern("%Y-%m-%dT%H:%M:%S.%e %P %l %v");
            sinks.push_back(file);
        } catch (const spdlog::spdlog_ex&) {
            screen->log(spdlog::details::log_msg("dubito", spdlog::level::warn, "no log file could be opened"));
        }
    }
    auto made = std::make_shared<spdlog::logger>("dubito", sinks.begin(), sinks.end());
    made->set_level(spdlog::level::debug);
    made->flush_on(spdlog::level::warn);
    logger() = made;
}

}  // namespace dubito
