// A plain work queue over read-only connections.
#include "store/reader_pool.h"

#include "store/opener.h"

namespace dubito::store {

Result<std::unique_ptr<ReaderPool>> ReaderPool::open(const fs::path& path, int readers) {
    std::unique_ptr<ReaderPool> pool(new ReaderPool());
    for (int i = 0; i < readers; ++i) {
        // The schema is compared once; the other connections see the same file.
        auto database = i == 0 ? openReadOnly(path) : Database::open(path, Database::Mode::ReadOnly);
        if (!database) return std::move(database).error();
        pool->m_databases.push_back(std::move(*database));
    }
    for (auto& database : pool->m_databases)
        pool->m_threads.emplace_back([raw = pool.get(), db = database.get()] { raw->run(*db); });
    return pool;
}

ReaderPool::~ReaderPool() {
    {
        std::lock_guard lock(m_mutex);
        m_stopping = true;
        m_queue.clear();
    }
    for (auto& database : m_databases) database->interrupt();
    m_wake.notify_all();
    for (auto& thread : m_threads) thread.join();
}

void ReaderPool::submit(std::function<void(Database&)> query) {
    {
        std::lock_guard lock(m_mutex);
        m_queue.push_back(std::move(query));
    }
    m_wake.notify_one();
}

void ReaderPool::run(Database& database) {
    for (;;) {
        std::function<void(Database&)> query;
        {
            std::unique_lock lock(m_mutex);
            m_wake.wait(lock, [this] { return m_stopping || !m_queue.empty(); });
            if (m_stopping) return;
            query = std::move(m_queue.front());
            m_queue.pop_front();
        }
        query(database);
    }
}

}  // namespace dubito::store
