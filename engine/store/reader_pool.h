// Read-only connections on threads of their own; queries can be cancelled and never hold up the writer.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "store/database.h"

namespace dubito::store {

class ReaderPool {
public:
    /// @error as openReadOnly
    static Result<std::unique_ptr<ReaderPool>> open(const fs::path& path, int readers = 3);
    ~ReaderPool();

    bool isFixed() const { return m_databases.front()->isFixed(); }  ///< see Database

    /// Runs `query` on one of the pool's threads, oldest first. [any]
    void submit(std::function<void(Database&)> query);

private:
    ReaderPool() = default;
    void run(Database& database);

    std::vector<std::unique_ptr<Database>> m_databases;
    std::vector<std::thread> m_threads;
    std::mutex m_mutex;  // guards both below
    std::condition_variable m_wake;
    std::deque<std::function<void(Database&)>> m_queue;
    bool m_stopping = false;
};

}  // namespace dubito::store
