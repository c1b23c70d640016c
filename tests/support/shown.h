// A panel on a project, without the window: runs with records of every kind, and what is shown read back.
#pragma once

#include <QLabel>
#include <QPlainTextEdit>
#include <QTest>
#include <QTextEdit>

#include <cstring>
#include <deque>
#include <optional>

#include "base/hash.h"
#include "journal/array_block.h"
#include "kit/panel.h"
#include "kit/state_view.h"
#include "run/run_state.h"
#include "store/reader_pool.h"
#include "store/writer.h"
#include "support/temp_project.h"

namespace dubito::tests {

constexpr int kLong = 60'000;  ///< of a slow, busy machine

/// Arrays of one record; holds what they point to.
struct Block {
    std::deque<Bytes> data;
    std::vector<journal::Array> arrays;

    template <class T>
    Block& add(const char* name, DType type, std::vector<std::int64_t> shape, const std::vector<T>& values) {
        auto& bytes = data.emplace_back(values.size() * sizeof(T));
        std::memcpy(bytes.data(), values.data(), bytes.size());
        arrays.push_back({name, "", type, std::move(shape), journal::Array::Role::Values, bytes});
        return *this;
    }
    Block& texts(const char* name, const std::vector<std::string>& texts) {
        std::vector<std::int64_t> ends{0};
        std::string all;
        for (const auto& text : texts) all += text, ends.push_back(static_cast<std::int64_t>(all.size()));
        add(name, kU8, {static_cast<std::int64_t>(all.size())}, std::vector<std::uint8_t>(all.begin(), all.end()));
        add(name, kI64, {static_cast<std::int64_t>(ends.size())}, ends);
        arrays.back().role = journal::Array::Role::Offsets;
        return *this;
    }
};

struct NewShown {
    std::string title = "run", plugin = "org.dubito.lm.chat";
    Json parameters = Json::object();
    run::RunState state = run::RunState::Done;
    Json models = Json::array();   ///< of the spec: what it was given
    std::int64_t startedFrom = 0;  ///< the run that made it; 0: none
    std::string group = {};        ///< seeds of one configuration share it; empty: its own
    std::int64_t seed = 1;
};

/// A project with an owner, and all that a panel is given.
struct Shown {
    TempProject project;
    std::unique_ptr<store::ProjectWriter> writer;
    std::unique_ptr<store::ReaderPool> readers;
    kit::RunEvents events;
    kit::Selection selection;
    QVector<QPair<QString, QString>> sent;  ///< verb, arguments
    QStringList triggered;

    Shown() {
        auto opened = store::ProjectWriter::open(project.file);
        if (!opened) qFatal("%s", opened.error().text().c_str());
        writer = std::move(*opened);
    }
    ~Shown() { readers.reset(); }
    void must(const Result<void>& result) const {
        if (!result) qFatal("%s", result.error().text().c_str());
    }
    template <class Body>
    void write(Body body) {
        must(writer->begin());
        body();
        must(writer->commit());
    }
    std::int64_t addRun(const NewShown& wanted) {
        std::int64_t runNo = 0;
        write([&] {
            store::NewRun run;
            run.id = makeUuid();
            run.specJson = jsonText({{"id", run.id.text()}, {"models", wanted.models}});
            if (wanted.startedFrom) run.parent = (**store::findRun(writer->database(), wanted.startedFrom)).id;
            run.specHash = run.groupHash = sha256(asBytes(run.specJson));
            if (!wanted.group.empty()) run.groupHash = sha256(asBytes(wanted.group));
            run.seed = wanted.seed;
            run.pluginId = wanted.plugin;
            run.pluginVersion = "1.0.0";
            run.system = "lm";
            run.title = wanted.title;
            run.createdUs = nowUs();
            run.parameters = wanted.parameters;
            runNo = *writer->addRun(run);
            store::RunStateChange change;
            change.state = static_cast<int>(wanted.state);
            change.startedUs = nowUs();
            must(writer->setState(runNo, change));
        });
        return runNo;
    }
    void setState(std::int64_t runNo, run::RunState state) {
        write([&] {
            store::RunStateChange change;
            change.state = static_cast<int>(state);
            must(writer->setState(runNo, change));
        });
    }
    void addRecord(std::int64_t runNo, const char* key, const Json& meta, const Block& block = {},
        std::optional<std::int64_t> step = {}) {
        write([&] {
            auto& number = m_numbers[{runNo, key}];
            if (!number) number = static_cast<std::uint32_t>(m_numbers.size());
            auto series = writer->openSeries(
                runNo, 1, 0, {number, journal::RecordType::Tensor, journal::Goal::None, key, "", ""});
            Bytes bytes;
            journal::encodeArrayBlock(bytes, block.arrays);
            must(writer->addRecord(
                *series, step.value_or(m_step), 1, static_cast<std::uint64_t>(m_step), jsonText(meta), bytes));
            ++m_step;
        });
    }
    void addPoints(std::int64_t runNo, const char* key, int points) {
        write([&] {
            auto& number = m_numbers[{runNo, key}];
            if (!number) number = static_cast<std::uint32_t>(m_numbers.size());
            auto series = writer->openSeries(
                runNo, 1, 0, {number, journal::RecordType::ScalarGroup, journal::Goal::None, key, "1", ""});
            for (int i = 0; i < points; ++i) must(writer->addPoint(*series, i, i, 1.0 / (1 + i)));
            must(writer->sealRun(runNo));
        });
    }
    /// A question, and an answer of these tokens.
    void addTalk(std::int64_t runNo, const std::string& question, const std::vector<std::string>& tokens) {
        const int turn = m_turns[runNo];
        m_turns[runNo] += 2;
        addRecord(runNo, "chat/turn",
            {{"name", "turn"}, {"node", turn}, {"parent", turn - 1}, {"role", "user"}, {"text", question}});
        addRecord(runNo, "chat/turn",
            {{"name", "turn"}, {"node", turn + 1}, {"parent", turn}, {"role", "assistant"}, {"text", ""}});
        for (std::size_t i = 0; i < tokens.size(); ++i) {
            Block block;
            block.add("id", kI32, {1}, std::vector<std::int32_t>{static_cast<std::int32_t>(i) + 5})
                .texts("text", {tokens[i]})
                .add("logprob", kF32, {1}, std::vector<float>{-0.5f})
                .add("entropy", kF32, {1}, std::vector<float>{1.0f})
                .add("special", kU8, {1}, std::vector<std::uint8_t>{0})
                .add("top_id", kI32, {2}, std::vector<std::int32_t>{static_cast<std::int32_t>(i) + 5, 4})
                .texts("top_text", {tokens[i], " other"})
                .add("top_logp", kF32, {2}, std::vector<float>{-0.5f, -1.5f});
            addRecord(runNo, "chat/token", {{"node", turn + 1}}, block);
        }
        addRecord(runNo, "chat/turn", {{"name", "end"}, {"node", turn + 1}, {"stop", "eos"}, {"text", ""}});
    }
    void addModel(std::int64_t runNo, const std::string& name, int layers = 2) {
        Block block;
        block.texts("key", {"name"}).texts("value", {name});
        addRecord(runNo, "model/info", {{"layers", layers}, {"heads", 2}, {"vocabulary", 100}}, block);
    }
    /// Read-outs of a text of three tokens over two layers.
    void addReadOut(std::int64_t runNo) {
        addModel(runNo, "Small");
        Block tokens;
        tokens.add("id", kI32, {3}, std::vector<std::int32_t>{1, 2, 3})
            .texts("text", {"The", " Eiffel", " Tower"})
            .add("logprob", kF32, {3}, std::vector<float>{-1, -1, -1});
        addRecord(runNo, "trace/token", {{"seq", 0}, {"first", 0}, {"prompt", 1}}, tokens);
        Block stats, ids, logp;
        stats.add("stats", kF32, {3, 3, 5}, std::vector<float>(45, 1.0f));
        ids.add("id", kU32, {3, 3, 2}, std::vector<std::uint32_t>(18, 7));
        logp.add("logp", kF32, {3, 3, 2}, std::vector<float>(18, -0.7f));
        addRecord(runNo, "lens/stats", {{"seq", 0}, {"first", 0}}, stats);
        addRecord(runNo, "lens/topk_id", {{"seq", 0}, {"first", 0}}, ids);
        addRecord(runNo, "lens/topk_logp", {{"seq", 0}, {"first", 0}}, logp);
    }
    kit::PanelContext context() {
        if (!readers) readers = std::move(*store::ReaderPool::open(project.file));
        kit::PanelContext out;
        out.readers = readers.get();
        out.events = &events;
        out.selection = &selection;
        out.trigger = [this](const QString& action) { triggered << action; };
        out.pluginsWithRole = [](const QString& role) -> std::vector<std::string> {
            if (role == QLatin1String("chat")) return {"org.dubito.lm.chat"};
            if (role == QLatin1String("inspect")) return {"org.dubito.tas.inspect"};
            return {};
        };
        out.send = [this](qint64, const QString& verb, const QString& arguments) { sent.append({verb, arguments}); };
        return out;
    }
    /// As the pane does: the panel at a size, on the run.
    void show(kit::Panel& panel, QSize size, qint64 runNo) {
        panel.resize(size);
        panel.show();
        panel.attach(context());
        if (runNo) selection.setRuns({runNo});
    }

private:
    std::map<std::pair<std::int64_t, std::string>, std::uint32_t> m_numbers;
    std::map<std::int64_t, int> m_turns;
    std::int64_t m_step = 1;
};

inline QString stateOf(const QWidget& panel) {
    const auto* states = panel.findChild<kit::StateView*>();
    return states ? states->stateName() : QString();
}

/// All words of the widget that can be seen, one a line; elided ones whole.
inline QString wordsOf(const QWidget& widget) {
    QStringList out;
    for (const auto* label : widget.findChildren<QLabel*>())
        if (label->isVisible()) out << label->text().remove(QChar(0x200B));
    for (const auto* text : widget.findChildren<QTextEdit*>())
        if (text->isVisible()) out << text->toPlainText();
    return out.join(QLatin1Char('\n'));
}

/// What of the widget can be seen only in part, at the right or at the left; empty: nothing.
inline QString cutOff(const QWidget& widget) {
    for (const auto* child : widget.findChildren<QWidget*>()) {
        if (!child->isVisible() || child->isWindow()) continue;
        const int left = child->mapTo(&widget, QPoint(0, 0)).x();
        if (left < 0 || left + child->width() > widget.width())
            return QStringLiteral("%1 \"%2\": %3 to %4 of %5")
                .arg(QString::fromLatin1(child->metaObject()->className()), child->accessibleName())
                .arg(left)
                .arg(left + child->width())
                .arg(widget.width());
    }
    return {};
}

}  // namespace dubito::tests
