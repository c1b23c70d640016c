// What the writer's crash protocol knows of a thread. Only for engine/journal/writer*.cpp.
#pragma once

namespace dubito::journal {

/// Inside: it may hold the lock, so [io] cannot be waited for when it crashes there.
enum class WriterRole { Outside, Inside, Io };
extern thread_local WriterRole t_writerRole;

/// Marks this thread as inside the writer while it changes the queue.
class InsideWriter {
public:
    InsideWriter() : m_before(t_writerRole) {
        if (m_before == WriterRole::Outside) t_writerRole = WriterRole::Inside;
    }
    ~InsideWriter() { t_writerRole = m_before; }
    InsideWriter(const InsideWriter&) = delete;
    InsideWriter& operator=(const InsideWriter&) = delete;

private:
    WriterRole m_before;
};

}  // namespace dubito::journal
