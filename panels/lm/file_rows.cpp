#include "lm/file_rows.h"

#include "base/json.h"
#include "run/run_state.h"

namespace dubito::lmview {
namespace {

// What the form of a fine-tune begins with.
constexpr int kRowLength = 1024;
constexpr double kHeldOut = 0.05;

}  // namespace

FileRows::~FileRows() { end(); }

void FileRows::attach(const kit::PanelContext& context) {
    m_context = context;
    m_path.clear();
    m_problem.clear();
    m_rows.reset();
    m_session = 0;
    ++m_generation;
}

void FileRows::end() {
    if (m_session && m_context.endSession) m_context.endSession(m_session);
    m_session = 0;
}

void FileRows::look(const QString& path) {
    end();
    m_path = path;
    m_rows.reset();
    m_problem.clear();
    if (!m_context.startSession) {
        m_problem = tr("This project is open read-only: nothing can be run in it.");
        return;
    }
    const Json wanted = {{"tok", {{"data", path.toStdString()}, {"row_length", kRowLength}, {"holdout", kHeldOut}}}};
    m_context.startSession(QStringLiteral("tokenise"), 0, QString::fromStdString(jsonText(wanted)),
        tr("Helper: rows of a file cut into tokens"),
        [guard = QPointer<FileRows>(this), generation = ++m_generation, end = m_context.endSession](qint64 runNo) {
            if (!guard || guard->m_generation != generation) {
                if (runNo && end) end(runNo);  // another file was chosen meanwhile
                return;
            }
            guard->m_session = runNo;
            if (runNo) return guard->load();
            guard->m_problem = tr("The file could not be given to a worker.");
            Q_EMIT guard->changed();
        });
}

void FileRows::onRun(qint64 runNo) {
    if (isOwn(runNo) && !m_rows) load();
}

void FileRows::load() {
    struct Found {
        std::optional<DataRows> rows;
        QString problem;
    };
    kit::asyncQuery<Found>(
        m_context, this,
        [runNo = m_session](store::Database& db) -> Result<Found> {
            Found out;
            DUBITO_TRY(out.rows, loadRows(db, runNo));
            DUBITO_TRY(const auto row, store::findRun(db, runNo));
            if (!out.rows && row && row->state == static_cast<int>(run::RunState::Failed))
                out.problem = row->detail.empty() ? tr("No row could be read.") : QString::fromStdString(row->detail);
            return out;
        },
        [this, session = m_session](Result<Found> found) {
            if (session != m_session) return;
            if (!found) m_problem = QString::fromStdString(found.error().text());
            else m_rows = std::move(found->rows), m_problem = found->problem;
            if (!m_rows && m_problem.isEmpty()) return;
            end();  // what it was asked for is there
            Q_EMIT changed();
        });
}

}  // namespace dubito::lmview
